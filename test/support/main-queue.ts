import type { QueueInfo } from 'outdial';

/** A queue as its workers publish it. */
export const mainQueue: QueueInfo = {
  queue: 'main',
  trunk: 'simulated',
  lines: 10,
  callerIds: ['+16175550100', '+16175550101'],
  minRedialWaitMs: 60_000,
  heartbeatTimeoutMs: 30_000,
  applications: ['app', 'survey'],
  secrets: ['crm'],
};
