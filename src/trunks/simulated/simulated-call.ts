/** A simulated dial, then a simulated live call. */
import { readFile } from 'node:fs/promises';
import { readWav } from '../../callee-type/wav';
import { pending } from '../pending';
import type { DialEnd, DialRequest, GatherOptions, Prompt, TransferEnd, TransferOptions, TrunkCall } from '../trunk';
import type { CallClock } from './call-clock';
import type { LedgerEntry } from './dial-ledger';
import { type DialPlan, normalClearing } from './dial-plan';
import { defaultHearing, type Hearing } from './hearing';

/** Simulated time that one character of a spoken prompt takes. */
export const msPerCharacter = 60;
/** Simulated time that one sent digit takes. */
export const msPerDigit = 100;
/** Simulated time that a person takes to press one key. */
export const msPerKey = 500;

/** Of all sound: 8 kHz. */
const samplesPerMs = 8;

/** What a call is made with. */
export interface CallSetup {
  readonly request: DialRequest;
  readonly plan: DialPlan;
  readonly clock: CallClock;
  /** @defaultValue one with detection's default options */
  readonly hearing?: Hearing;
  /** What the other party of a transfer does. */
  readonly planTransfer: (request: DialRequest) => DialPlan;
  /** Takes note of what happens, in order and before anybody else learns of it. */
  readonly note: (event: LedgerEntry['event'], outcome?: LedgerEntry['outcome']) => void;
}

/**
 * A dial of the simulated trunk. Prompts and digits wait for the answer and go out one after the other, postd digits
 * first; gathering goes on beside them. All of them end with the call.
 */
export class SimulatedCall implements TrunkCall {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  /** Digits sent to the callee so far, postd digits included. */
  sentDigits = '';

  readonly #setup: CallSetup;
  readonly #settleRinging: (rings: boolean) => void;
  readonly #settleAnswered: (answered: boolean) => void;
  readonly #settleEnded: (end: DialEnd) => void;
  /** Cut short when the call ends: the callee's next step, and whatever waits for time to pass. */
  readonly #pending = new Set<() => void>();
  /** The last prompt or digits to go out. */
  #outgoing: Promise<boolean>;
  #answeredAt: number | undefined;
  #endedAt: number | undefined;
  #calleeHungUp = false;
  #keysPressed = 0;

  /** Starts the dial. */
  constructor(setup: CallSetup) {
    const { request, plan, note } = setup;
    this.#setup = setup;
    [this.ringing, this.#settleRinging] = pending<boolean>();
    [this.answered, this.#settleAnswered] = pending<boolean>();
    [this.ended, this.#settleEnded] = pending<DialEnd>();
    this.#outgoing = this.answered;

    if (plan.end.outcome === 'line-fault') {
      note('line-fault');
      this.#end(plan.end);
      return;
    }
    note('dial');
    if (plan.rings) {
      note('ringing');
      this.#settleRinging(true);
    }
    if (request.postd) void this.sendDigits(request.postd);
    this.#after(plan.ringMs, () => this.#ringEnds());
  }

  /** Ends the call at once: `canceled` before answer, `answered` after it. Does nothing after the end. */
  async hangUp(): Promise<void> {
    this.#end(
      this.#answeredAt === undefined
        ? { outcome: 'canceled', cause: { sip: 487, text: 'Request terminated' } }
        : { outcome: 'answered', cause: normalClearing },
    );
  }

  /**
   * Detected in the callee's sound, and told when so much of it has passed. A callee who hangs up has given all there is;
   * `unknown` when the dial isn't answered, or when the engine hangs up before the type is sure.
   */
  async detectCalleeType(withinMs: number): ReturnType<TrunkCall['detectCalleeType']> {
    if (!(await this.answered)) return 'unknown';
    const { sound, talkMs } = this.#setup.plan.answer!;
    const { calleeType, decidedAtMs } = this.#hearing.calleeType(sound, Math.min(withinMs, talkMs));
    const leftMs = Math.min(decidedAtMs, talkMs) - this.#mediaMs();
    // A callee's hang-up may come before a timer that is late.
    return leftMs <= 0 || (await this.#wait(leftMs)) || this.#calleeHungUp ? calleeType : 'unknown';
  }

  /** Detected in the callee's sound; true at once when it has come already. */
  async detectBeep(withinMs: number): Promise<boolean> {
    if (!(await this.answered)) return false;
    const leftMs = Math.max(0, this.#hearing.beepAtMs(this.#setup.plan.answer!.sound) - this.#mediaMs());
    return (await this.#wait(Math.min(leftMs, withinMs))) && leftMs <= withinMs;
  }

  /** Takes {@link msPerCharacter} for each character of a text, or as long as the sound or the silence. */
  async play(prompt: Prompt): Promise<void> {
    await this.#send(lengthsOf(prompt));
  }

  /** Takes {@link msPerDigit} for each digit. */
  async sendDigits(digits: string): Promise<void> {
    if (await this.#send([digits.length * msPerDigit])) this.sentDigits += digits;
  }

  /**
   * A person presses the last `maxDigits` digits of the own number, then `finishOn` if there is one, or what the plan
   * says, a key every {@link msPerKey}. Machines, fax and silence press nothing. Digits pressed before the call ends are
   * kept.
   */
  async gather({ maxDigits = 1, timeoutMs = 5_000, finishOn }: GatherOptions = {}): Promise<string> {
    let pressed = '';
    if (!(await this.answered)) return pressed;
    for (const key of this.#keys(maxDigits, finishOn)) {
      if (msPerKey > timeoutMs) break;
      if (!(await this.#wait(msPerKey)) || key === finishOn) return pressed;
      pressed += key;
      if (pressed.length >= maxDigits) return pressed;
    }
    await this.#wait(timeoutMs);
    return pressed;
  }

  /**
   * The other party is met as a callee of their number is, and talks for as long. Prompts and digits go on beside it. Before the
   * answer and after the end nobody is called.
   */
  async transfer(destination: string, { ringTimeoutMs = 30_000 }: TransferOptions = {}): Promise<TransferEnd> {
    if (!(await this.answered) || this.#endedAt !== undefined) return { outcome: 'canceled', talkMs: 0 };
    const { planTransfer, request, note } = this.#setup;
    const { callId, ani } = request;
    const plan = planTransfer({ callId, attempt: 1, destination, ani, ringTimeoutMs });
    note('transfer');
    return new Promise((resolve) => {
      const finish = (end: DialEnd, talkMs = 0): void => {
        note('transfer-end', end.outcome);
        resolve({ ...end, talkMs });
      };
      const rings = (): void => {
        if (!plan.answer) return finish(plan.end);
        const answeredMs = this.#mediaMs();
        const hungUp = (): void => finish(plan.end, this.#mediaMs() - answeredMs);
        this.#after(plan.answer.talkMs, hungUp, hungUp);
      };
      this.#after(plan.ringMs, rings, () => finish({ outcome: 'canceled' }));
    });
  }

  *#keys(maxDigits: number, finishOn = ''): Iterable<string> {
    const { request, plan } = this.#setup;
    const { sound, presses } = plan.answer!;
    if (sound !== 'person') return;
    if (presses === undefined) yield* request.destination.replace('+', '').slice(-maxDigits) + finishOn;
    else while (this.#keysPressed < presses.length) yield presses[this.#keysPressed++]!;
  }

  #ringEnds(): void {
    const { plan, note } = this.#setup;
    if (!plan.answer) {
      this.#end(plan.end);
      return;
    }
    this.#answeredAt = this.#setup.clock.now();
    note('answer');
    this.#settleAnswered(true);
    if (plan.answer.talkMs === Infinity) return;
    this.#after(plan.answer.talkMs, () => {
      this.#calleeHungUp = true;
      this.#end(plan.end);
    });
  }

  #end(end: DialEnd): void {
    if (this.#endedAt !== undefined) return;
    this.#endedAt = this.#setup.clock.now();
    for (const cut of this.#pending) cut();
    this.#pending.clear();
    if (end.outcome !== 'line-fault') this.#setup.note('end', end.outcome);
    // Settled promises stay as they are: these reach only who still waits for a ringing or an answer.
    this.#settleRinging(false);
    this.#settleAnswered(false);
    this.#settleEnded(end);
  }

  get #hearing(): Hearing {
    return this.#setup.hearing ?? defaultHearing;
  }

  /** Simulated time since answer, up to the end of the call. */
  #mediaMs(): number {
    return (this.#endedAt ?? this.#setup.clock.now()) - this.#answeredAt!;
  }

  /** Lets outgoing media take its time, piece by piece, after all that is going out. False when the call ended before. */
  #send(piecesMs: Iterable<number> | AsyncIterable<number>): Promise<boolean> {
    const sent = this.#outgoing.then(() => Promise.race([this.#pass(piecesMs), this.ended.then(() => false)]));
    // What can't be played keeps nothing else from going out.
    this.#outgoing = sent.catch(() => true);
    return sent;
  }

  async #pass(piecesMs: Iterable<number> | AsyncIterable<number>): Promise<boolean> {
    for await (const ms of piecesMs) if (!(await this.#wait(ms))) return false;
    return this.#endedAt === undefined;
  }

  /** True when the time has passed, false when the call ended before. */
  #wait(ms: number): Promise<boolean> {
    if (this.#endedAt !== undefined) return Promise.resolve(false);
    return new Promise((resolve) =>
      this.#after(
        ms,
        () => resolve(true),
        () => resolve(false),
      ),
    );
  }

  /** Runs `then` after simulated time, or `cutShort` when the call ends before. No timer is left after the end. */
  #after(ms: number, then: () => void, cutShort?: () => void): void {
    const cancel = this.#setup.clock.after(ms, () => {
      this.#pending.delete(cut);
      then();
    });
    const cut = (): void => {
      cancel();
      cutShort?.();
    };
    this.#pending.add(cut);
  }
}

/** How long a prompt takes, in simulated milliseconds; of sound that comes in pieces, each. */
async function* lengthsOf(prompt: Prompt): AsyncGenerator<number> {
  if (typeof prompt === 'string') yield prompt.length * msPerCharacter;
  else if ('silenceMs' in prompt) yield prompt.silenceMs;
  else if ('wav' in prompt) yield readWav(await readFile(prompt.wav)).length / samplesPerMs;
  else if (prompt.audio instanceof Int16Array) yield prompt.audio.length / samplesPerMs;
  else for await (const piece of prompt.audio) yield piece.length / samplesPerMs;
}
