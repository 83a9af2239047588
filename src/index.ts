/** `outdial`: start campaigns and queue calls. Never loads the worker. */
export { CallHandle, type QueueCallOptions, type QueuedCall } from './client/call-handle';
export {
  CampaignHandle,
  type CampaignProgress,
  type CallSource,
  type CampaignStartOptions,
  type StartedCampaign,
  type StartOptions,
} from './client/campaign-handle';
export type { CallExplanation } from './client/explain';
export { Outdial, type OutdialOptions } from './client/outdial';
export { QueueHandle } from './client/queue-handle';
export type { ErasureReport, PruneOptions, PruneReport } from './client/upkeep';
export { BadRow, CsvRow, readCallsCsv } from './contacts/csv';
export type { IntakeReject, IntakeReport, IntakeRow } from './contacts/intake';
export * from './contract';
export { type EncryptionOptions, sealingDataConverter, type Seals } from './encryption';
export type { KeyRingOptions } from './encryption/key-ring';
export { type ErrorCode, errorTable, type Issue, OutdialError } from './errors';
export type { CallSpec, CampaignSpec } from './spec/schema';
export { fileStore } from './store/file-store';
export type { PostgresStoreOptions } from './store/postgres/database';
export { type PostgresStore, postgresStore } from './store/postgres/postgres-store';
export type { Store } from './store/store';
