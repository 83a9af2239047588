/** The activities of outdial. */
import type { DialInput, DialResult, HeldDial } from '../src/contract';
import { createAdmission } from './admit';
import { createCallAdmission } from './admit-call';
import type { ActivityDeps } from './deps';
import { createDial } from './dial';
import { GateReader } from './gate';
import { createLoadCalls } from './load-calls';
import { createResultActivities } from './post-result';
import { createReadCallLog } from './read-call-log';
import { RecentCalls } from './recent-calls';
import { createReportUnstarted } from './report-unstarted';

/** The activities by the worker that runs them. */
export function createActivities(deps: ActivityDeps) {
  const gates = new GateReader(deps.now);
  const recent = new RecentCalls();
  return {
    campaign: {
      ...createAdmission(deps),
      /** Admits a standalone call that was started bare. */
      admitCall: createCallAdmission(deps),
      /** Hands a segment its next calls, once the queue has room for them. */
      loadCalls: createLoadCalls(deps, gates, recent),
      /** Reports calls that no workflow reports. */
      reportUnstarted: createReportUnstarted(deps),
      /** What is known of a call whose dial can no longer say it. */
      readCallLog: createReadCallLog(deps),
    },
    line: {
      /** One attempt to reach the callee. */
      dial: createDial(deps, gates, recent) as (input: DialInput) => Promise<DialResult | HeldDial>,
    },
    result: createResultActivities(deps),
  };
}

type ByWorker = ReturnType<typeof createActivities>;
/** All activities, as workflows call them. */
export type Activities = ByWorker['campaign'] & ByWorker['line'] & ByWorker['result'];
export type { ActivityDeps } from './deps';
