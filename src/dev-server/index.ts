export type { Install } from './find-executable';
export { findOrStartServer, type FindOrStartOptions, type TestServer } from './find-or-start-server';
export { findTemporalCli, type FindOptions } from './find-temporal-cli';
export { findTimeSkippingServer } from './find-time-skipping-server';
export { ownSchema, type OwnSchema } from './own-schema';
export type { Log } from './run-command';
export { startDevServer, type DevServer, type DevServerOptions, type ServerExit } from './start-server';
