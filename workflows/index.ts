/** The workflows of outdial, for a worker's `workflowsPath` or to be re-exported by a host's own workflows. */
export { call } from './call';
export { campaign } from './campaign';
export { delivery } from './delivery';
export { lines } from './lines';
export { segment } from './segment';
