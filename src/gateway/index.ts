/** `outdial/gateway`: campaigns and calls over HTTP. */
export { hashSecret } from './credentials';
export { type GatewayServer, type GatewayServerOptions, startGateway } from './server';
export type { GatewayOptions } from './settings';
