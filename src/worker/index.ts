/** `outdial/worker`: hosts campaigns, lines and result delivery. */
export * from './application';
export * from '../callee-type';
export * from '../codec-server/server';
export { bundleWorkflows, createWorkers, Workers, type WorkersOptions } from './create-workers';
export * from '../http-application';
export type { HostingOptions, QueueConfig } from './hosting';
export { OutdialPlugin } from './plugin';
export * from '../trunks/simulated';
export * from '../trunks/trunk';
