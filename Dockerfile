# The `outdial` command: docker build --tag outdial .
FROM node:20.20.2-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# Scripts of dependencies are not needed: the native worker comes ready-made.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
COPY workflows workflows
COPY activities activities
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:20.20.2-bookworm-slim
ENV NODE_ENV=production
WORKDIR /opt/outdial
COPY --from=build /build/package.json ./
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/lib lib
COPY schemas schemas
RUN ln -s /opt/outdial/lib/src/cli/main.js /usr/local/bin/outdial && chmod +x lib/src/cli/main.js
# `node` of the image, as a number so that Kubernetes sees that it is not root.
USER 1000:1000
# outdial.yaml is looked for here.
WORKDIR /etc/outdial
STOPSIGNAL SIGTERM
# `docker run --init`, or `init: true`: the process should not be the one that buries what others leave behind.
ENTRYPOINT ["outdial"]
CMD ["worker"]
