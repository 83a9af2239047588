/** `outdial/worker`: hosts campaigns, lines and result delivery. */
export * from './application';
export { bundleWorkflows, createWorkers, type QueueConfig, Workers, type WorkersOptions } from './create-workers';
export * from '../trunks/simulated';
export * from '../trunks/trunk';
