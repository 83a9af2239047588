/** A trunk without a network: callees follow from the numbers, and the same numbers meet the same callees. */
import type { CalleeTypeOptions } from '../../callee-type';
import type { DialRequest, Trunk } from '../trunk';
import { type CallClock, fasterClock } from './call-clock';
import { calleeKinds, callees } from './callees';
import { DialLedger } from './dial-ledger';
import { calleeKind, type DialPlan, type DrawOptions, lineFault, planDial } from './dial-plan';
import { Hearing } from './hearing';
import { SimulatedCall } from './simulated-call';

/** Options of the simulated trunk. */
export interface SimulatedTrunkOptions extends DrawOptions {
  /** Divides every simulated time: 60 makes a minute a second. @defaultValue 1 */
  readonly speed?: number;
  /** File that the dial ledger is appended to; created when missing, in a directory that exists. */
  readonly ledger?: string;
  /** Options of callee-type detection. @defaultValue those of detection */
  readonly calleeType?: Partial<CalleeTypeOptions>;
}

/** Makes a {@link SimulatedTrunk}. */
export function simulatedTrunk(options?: SimulatedTrunkOptions): SimulatedTrunk {
  return new SimulatedTrunk(options);
}

/** A trunk whose callees are those of {@link callees}. Its calls end with the process. */
export class SimulatedTrunk implements Trunk {
  readonly name = 'simulated';

  readonly #options: SimulatedTrunkOptions;
  readonly #clock: CallClock;
  readonly #hearing: Hearing | undefined;
  readonly #ledger: DialLedger | undefined;
  readonly #live = new Set<SimulatedCall>();
  /** Line faults met, by call; only of callees whose line comes back. In memory: a new process starts anew. */
  readonly #lineFaults = new Map<string, number>();
  #closed = false;

  /**
   * @throws RangeError when an option is out of range; TypeError for an option of detection that is none; the file system's error when the ledger can't be opened.
   */
  constructor(options: SimulatedTrunkOptions = {}) {
    checkOptions(options);
    this.#options = options;
    this.#clock = fasterClock(options.speed ?? 1);
    this.#hearing = options.calleeType && new Hearing(options.calleeType);
    this.#ledger = options.ledger === undefined ? undefined : new DialLedger(options.ledger);
  }

  /**
   * Starts a dial; its `dial` line is in the ledger before this returns. A closed trunk answers with a line fault.
   *
   * @throws the file system's error when the ledger can't be written.
   */
  place(request: DialRequest): SimulatedCall {
    const { callId, attempt } = request;
    const call = new SimulatedCall({
      request,
      plan: this.#plan(request),
      clock: this.#clock,
      ...(this.#hearing && { hearing: this.#hearing }),
      planTransfer: (other) => this.#plan(other),
      note: (event, outcome) =>
        this.#ledger?.write({ event, callId, attempt, at: Date.now(), pid: process.pid, outcome }),
    });
    this.#live.add(call);
    void call.ended.then(() => this.#live.delete(call));
    return call;
  }

  /** Hangs up every live call and closes the ledger. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#live].map((call) => call.hangUp()));
    this.#ledger?.close();
  }

  #plan(request: DialRequest): DialPlan {
    if (this.#closed) return lineFault('The trunk is closed');
    const kind = calleeKind(request.destination, this.#options);
    const { lineFaults = 0 } = callees[kind];
    if (this.#lineFails(request.callId, lineFaults)) return lineFault('The line is faulty');
    return planDial(kind, request, this.#options);
  }

  /** A line fault is no attempt, so that the attempt number can't tell the first dial from the next. */
  #lineFails(callId: string, lineFaults: number): boolean {
    if (lineFaults === 0 || lineFaults === Infinity) return lineFaults > 0;
    const met = this.#lineFaults.get(callId) ?? 0;
    if (met < lineFaults) this.#lineFaults.set(callId, met + 1);
    return met < lineFaults;
  }
}

function checkOptions({ speed = 1, ringMs = 0, talkMs = 0, mix }: SimulatedTrunkOptions): void {
  if (!(speed > 0 && speed < Infinity)) throw new RangeError(`speed must be a number above 0, not ${speed}`);
  if (!(ringMs >= 0 && ringMs < Infinity)) throw new RangeError(`ringMs must be 0 or more, not ${ringMs}`);
  // Infinity is fine: nobody hangs up.
  if (!(talkMs >= 0)) throw new RangeError(`talkMs must be 0 or more, not ${talkMs}`);
  if (mix === undefined) return;
  for (const [kind, weight] of Object.entries(mix)) {
    if (!Object.hasOwn(callees, kind)) throw new RangeError(`mix: no callee of kind ${kind}`);
    if (!(weight >= 0 && weight < Infinity)) throw new RangeError(`mix: weight of ${kind} must be 0 or more`);
  }
  if (!calleeKinds.some((kind) => (mix[kind] ?? 0) > 0)) throw new RangeError('mix must give a kind a weight above 0');
}
