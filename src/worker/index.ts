/** `outdial/worker`: hosts campaigns, lines and result delivery. */
export * from './application';
export * from '../callee-type';
export * from '../codec-server/server';
export { bundleWorkflows, createWorkers, Workers, type WorkersOptions } from './create-workers';
export * from '../http-application';
export type { Deployment } from './deployment';
export type { HostingOptions, QueueConfig } from './hosting';
export { histogramBuckets } from './metrics';
export { OutdialPlugin } from './plugin';
export type { TracesOptions } from './traces';
export * from '../trunks/asterisk';
export type { MediaOptions } from '../trunks/media';
export * from '../trunks/simulated';
export * from '../trunks/sip';
export * from '../trunks/twilio';
export * from '../trunks/trunk';
