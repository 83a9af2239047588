/**
 * Leases a queue's lines to worker processes, and keeps whether the queue is stopped. It has no timer: whose lease ran out
 * is looked at when somebody asks, so that a queue nobody works on costs nothing.
 */
import {
  allHandlersFinished,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { LinesInput } from '../src/contract';
import { LineShares } from './line-shares';
import { leaseUpdate, leaveSignal, linesQuery, startUpdate, stopUpdate } from './messages';

/** Runs while somebody holds a lease, or the queue is stopped; the next one who asks starts it anew. */
export async function lines(input: LinesInput): Promise<void> {
  const shares = new LineShares(input);
  let asked = false;
  const after = <T>(answer: T): T => {
    asked = true;
    setCurrentDetails(describe(shares));
    return answer;
  };
  setHandler(leaseUpdate, (request) => after(shares.lease(request, Date.now())));
  setHandler(leaveSignal, (worker) => after(shares.leave(worker)));
  setHandler(stopUpdate, () => after(shares.stop(true, Date.now())));
  setHandler(startUpdate, () => after(shares.stop(false, Date.now())));
  setHandler(linesQuery, () => shares.view);
  const isOver = (): boolean => asked && shares.isUnused;
  await condition(() => (isOver() || workflowInfo().continueAsNewSuggested) && allHandlersFinished());
  if (!isOver()) await continueAsNew<typeof lines>(shares.state);
}

function describe({ view }: LineShares): string {
  const rows = view.leases.map(
    ({ worker, lines, leaving, problem }) =>
      `| ${worker} | ${lines} | ${leaving ? 'finishes its live calls' : problem === undefined ? '' : `out of service: ${problem}`} |`,
  );
  return [
    `**${view.stopped ? 'stopped' : 'running'}**, ${view.lines} lines`,
    ...(rows.length > 0 ? [['| worker | lines | |', '|---|---|---|', ...rows].join('\n')] : []),
  ].join('\n\n');
}
