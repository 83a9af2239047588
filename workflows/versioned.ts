/**
 * The workflows of workers that have a version. Others must not say how a workflow takes an upgrade, or Temporal refuses
 * their work: so it is not said beside each workflow.
 */
import { setWorkflowOptions } from '@temporalio/workflow';
import { call, campaign, delivery, lines, segment } from './index';

export * from './index';

// They last for as long as a window, and go on with the current version, as do the calls that they start from then on; `lines` for as long as a queue has workers.
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, campaign);
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, segment);
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, lines);
// They end on the version that they began on.
setWorkflowOptions({ versioningBehavior: 'PINNED' }, call);
setWorkflowOptions({ versioningBehavior: 'PINNED' }, delivery);
