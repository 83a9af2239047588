/** Ids, task queues and search attributes as they appear in Temporal. */

/** The task queues of one kind of calls. */
export interface TaskQueues {
  /** Campaigns, apart from calls: thousands of calls' tasks must not stand before a stop. */
  readonly campaigns: string;
  /** Calls, segments and deliveries. */
  readonly calls: string;
  /** Delivery of results. */
  readonly results: string;
  /** Of one named queue of lines. */
  readonly line: (queue: string) => string;
}

const plainTaskQueues: TaskQueues = {
  campaigns: 'outdial-campaigns',
  calls: 'outdial',
  results: 'outdial-results',
  line: (queue) => `outdial-queue/${queue}`,
};

const pciTaskQueues: TaskQueues = {
  campaigns: 'outdial-campaigns-pci',
  calls: 'outdial-pci',
  results: 'outdial-results-pci',
  line: (queue) => `outdial-queue-pci/${queue}`,
};

/** PCI calls share no task queue with others. */
export function taskQueuesOf(isPci: boolean): TaskQueues {
  return isPci ? pciTaskQueues : plainTaskQueues;
}

/** Whether workflows of this task queue are those of PCI calls. */
export function isPciTaskQueue(taskQueue: string): boolean {
  return taskQueue === pciTaskQueues.campaigns || taskQueue === pciTaskQueues.calls;
}

/** Id of a campaign's workflow. */
export function campaignWorkflowId(campaignId: string): string {
  return `campaign/${campaignId}`;
}

/** Id of the workflow of a campaign's segment, from 0. */
export function segmentWorkflowId(campaignId: string, segment: number): string {
  return `campaign/${campaignId}/segment/${segment}`;
}

/** Id of a call's workflow, of a campaign or standalone. */
export function callWorkflowId(callId: string): string {
  return `call/${callId}`;
}

/** Workflow that goes on delivering a result: of a call, or of a campaign. */
export function deliveryWorkflowId(subject: string): string {
  return `delivery/${subject}`;
}

/** Id of the workflow that leases a queue's lines to worker processes. */
export function linesWorkflowId(queue: string): string {
  return `queue/${queue}`;
}

/** Id of one row of a campaign's list: `<campaign>.<list>.<row>`, list and row from 1. */
export function campaignCallId(campaignId: string, list: number, row: number): string {
  return `${campaignId}.${list}.${row}`;
}

/** The parts of a campaign call's id; undefined for a standalone call. */
export function parseCampaignCallId(callId: string): { campaignId: string; list: number; row: number } | undefined {
  const match = /^([A-Za-z0-9_-]+)\.(\d+)\.(\d+)$/.exec(callId);
  return match ? { campaignId: match[1]!, list: Number(match[2]), row: Number(match[3]) } : undefined;
}

/** Key of one dial: a call's attempt. Trunks find a live call again by it. */
export function dialKey(callId: string, attempt: number): string {
  return `${callId}#${attempt}`;
}

/** Key of a queue's live counts on the board, beside campaigns' ids, which have no slash. */
export function queueCountsKey(queue: string): string {
  return `queue/${queue}`;
}

/** Search attributes, all of type Keyword. */
export const SearchAttribute = {
  CAMPAIGN: 'OutdialCampaign',
  QUEUE: 'OutdialQueue',
  /** Final state of a call or campaign; until then a campaign's present state. */
  STATE: 'OutdialState',
} as const;
