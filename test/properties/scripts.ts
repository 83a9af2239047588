/** What the dials of calls meet, and where the dial activity is lost: at the trunk, or at the store. */
import { Context } from '@temporalio/activity';
import type { Store } from 'outdial';
import type { Application, DialRequest, LedgerEntry, Trunk, TrunkCall } from 'outdial/worker';
import { CallTime } from '../../src/testing/call-time';
import { type FakeCallee, planOf } from '../../src/testing/callees';
import { SimulatedCall } from '../../src/trunks/simulated/simulated-call';

/**
 * Where the activity fails as with a crash: Temporal has its last heartbeat, and nobody else has anything. `given up`: Temporal
 * counts it as lost, as after a heartbeat timeout, and it goes on all the same.
 */
export const losses = [
  'placed',
  'ringing',
  'answered',
  'given up',
  'talking',
  'recording',
  'recorded',
  'posted',
] as const;
export type Loss = (typeof losses)[number];

/** What the dials of one call meet, in turn; the last one holds for all further ones. */
export interface Script {
  readonly meets: readonly FakeCallee[];
  /** Once each, at the first dial that gets there. */
  readonly losses: readonly Loss[];
  /** So many callees are on the line before an application goes on. @defaultValue 1 */
  readonly together?: number;
}

class LostError extends Error {}

/** Plays scripts, and writes down what the network saw. */
export class Stagehand {
  readonly ledger: LedgerEntry[] = [];
  private readonly scripts = new Map<string, Script>();
  private readonly placed = new Map<string, number>();
  private readonly lost = new Set<string>();
  private readonly company: (() => void)[] = [];

  /** @param now - of a dial, epoch milliseconds */
  constructor(private readonly now: () => number) {}

  play(callId: string, script: Script): void {
    this.scripts.set(callId, script);
  }

  readonly trunk: Trunk = { name: 'scripted', place: (request) => this.place(request) };

  /** The store, which fails where the script says so. */
  overStore(store: Store): Store {
    const { records } = store;
    const { saveCall, saveLog, saveDelivery } = records;
    records.saveCall = async (record) => {
      this.loseAt('recording', record.callId);
      const standing = await saveCall.call(records, record);
      this.loseAt('recorded', record.callId);
      return standing;
    };
    records.saveLog = async (callId, log) => {
      if (log.attempts.at(-1)?.answeredAt !== undefined) this.loseAt('answered', callId);
      return saveLog.call(records, callId, log);
    };
    records.saveDelivery = async (callId, delivery) => {
      this.loseAt('posted', callId);
      return saveDelivery.call(records, callId, delivery);
    };
    return store;
  }

  private place(request: DialRequest): TrunkCall {
    const { callId, attempt } = request;
    const n = this.placed.get(callId) ?? 0;
    this.placed.set(callId, n + 1);
    const { meets } = this.scripts.get(callId) ?? { meets: [] };
    const call = new SimulatedCall({
      request,
      plan: planOf(meets[n] ?? meets.at(-1) ?? 'voice', request),
      clock: new CallTime(),
      planTransfer: (other) => planOf('busy', other),
      note: (event, outcome) =>
        this.ledger.push({ event, callId, attempt, at: this.now(), pid: process.pid, ...(outcome && { outcome }) }),
    });
    this.loseWith(call, 'placed', callId);
    if (this.isDue('ringing', callId)) return lostWhileRinging(call, () => this.loseWith(call, 'ringing', callId));
    return this.isDue('talking', callId) ? lostWhileTalking(call, () => this.loseAt('talking', callId)) : call;
  }

  /** What the application does. */
  readonly talk: Application = async ({ callId }) => {
    await this.meet(this.scripts.get(callId)?.together ?? 1);
    if (this.isDue('given up', callId)) {
      this.lost.add(`given up ${callId}`);
      const { client, info } = Context.current();
      await client.activity.fail(info.taskToken, new LostError('given up'));
    }
    return 'talked';
  };

  private meet(count: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.company.push(resolve) >= count) for (const goOn of this.company.splice(0)) goOn();
    });
  }

  /** The call ends with its process. */
  private loseWith(call: SimulatedCall, loss: Loss, callId: string): void {
    if (this.isDue(loss, callId)) void call.hangUp();
    this.loseAt(loss, callId);
  }

  private loseAt(loss: Loss, callId: string): void {
    if (!this.isDue(loss, callId)) return;
    this.lost.add(`${loss} ${callId}`);
    throw new LostError(`lost: ${loss}`);
  }

  private isDue(loss: Loss, callId: string): boolean {
    return this.scripts.get(callId)?.losses.includes(loss) === true && !this.lost.has(`${loss} ${callId}`);
  }
}

/** The activity is lost before it learns whether the callee answers. */
function lostWhileRinging(call: SimulatedCall, lose: () => void): TrunkCall {
  const answered = call.ringing.then((rings) => {
    if (rings) lose();
    return call.answered;
  });
  answered.catch(() => undefined);
  return { ...partsOf(call), answered };
}

/** The activity is lost when the application has returned, and nobody has written down that the call ended. */
function lostWhileTalking(call: SimulatedCall, lose: () => void): TrunkCall {
  let isAnswered = false;
  void call.answered.then((answered) => (isAnswered = answered));
  const hangUp = async (): Promise<void> => {
    await call.hangUp();
    if (isAnswered) lose();
  };
  return { ...partsOf(call), hangUp };
}

function partsOf(call: SimulatedCall): TrunkCall {
  return {
    ringing: call.ringing,
    answered: call.answered,
    ended: call.ended,
    hangUp: () => call.hangUp(),
    detectCalleeType: (withinMs) => call.detectCalleeType(withinMs),
    detectBeep: (withinMs) => call.detectBeep(withinMs),
    play: (prompt) => call.play(prompt),
    sendDigits: (digits) => call.sendDigits(digits),
    gather: (options) => call.gather(options),
  };
}
