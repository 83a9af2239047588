/** A dial at Twilio, then a live call. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CalleeType, Outcome } from '../../contract';
import { pending } from '../pending';
import type { DialEnd, DialRequest, Prompt, TransferEnd, TransferOptions, TrunkCall } from '../trunk';
import { calleeTypeOf, type CallResource } from './call-resource';
import { Leg } from './leg';
import type { TwilioSettings } from './options';
import { transfer, type TransferHost } from './transfer';
import { dial, keys, ringSeconds, say, twilioDigits } from './twiml';

/** About what Twilio takes for one key, and what `w` and `W` stand for. */
const msPerKey = 300;
const msPerPause: Readonly<Record<string, number>> = { w: 500, W: 1_000 };

type KnownCalleeType = Exclude<CalleeType, 'processing'>;

/** What of the trunk a call needs. */
export interface CallHost extends TransferHost {
  readonly settings: TwilioSettings;
}

/**
 * Prompts, digits and transfers go out one after the other, as updates of the call with TwiML. Twilio does not tell when prompts and
 * digits have ended: their length is reckoned. What the callee presses is told to public URLs only, so that it can't be gathered here.
 */
export class TwilioCall implements TrunkCall {
  /** @internal */
  readonly leg: Leg;
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  /** Lacking where a URL says what happens on the call. */
  readonly transfer: TrunkCall['transfer'];

  readonly #calleeType: Promise<KnownCalleeType>;
  readonly #settleCalleeType: (type: KnownCalleeType) => void;
  readonly #detects: boolean;
  #outgoing: Promise<unknown>;
  #transferring: Promise<unknown> | undefined;
  #heardBeep = false;

  constructor(
    private readonly host: CallHost,
    private readonly request: DialRequest,
  ) {
    const { url, machineDetection } = host.settings;
    this.leg = new Leg(host);
    ({ ringing: this.ringing, answered: this.answered } = this.leg);
    [this.#calleeType, this.#settleCalleeType] = pending<KnownCalleeType>();
    // Twilio ignores MachineDetection where there are SendDigits.
    this.#detects = machineDetection !== 'off' && request.postd === undefined;
    this.#outgoing = this.answered;
    if (url === undefined) this.transfer = (...to) => this.#transfer(...to);
    this.leg.onLook = (resource) => this.#look(resource);
    this.ended = this.leg.ended.then((end) => this.#finish(end));
  }

  async hangUp(): Promise<void> {
    await this.leg.hangUp();
    await this.ended;
  }

  async detectCalleeType(withinMs: number): Promise<KnownCalleeType> {
    if (!(await this.answered)) return 'unknown';
    return this.#within(this.#calleeType, withinMs, 'unknown');
  }

  /** Heard with `DetectMessageEnd` only, and never after it has gone by. */
  async detectBeep(withinMs: number): Promise<boolean> {
    if (!(await this.answered) || this.host.settings.machineDetection !== 'DetectMessageEnd') return false;
    await this.#within(this.#calleeType, withinMs, 'unknown');
    return this.#heardBeep && !this.leg.over.aborted;
  }

  /** Speaks text, and keeps silent. Other sound lives on this machine, and calls live at Twilio. */
  play(prompt: Prompt): Promise<void> {
    if (typeof prompt !== 'string' && !('silenceMs' in prompt)) return this.#refuse('play', 'it plays text only');
    const { voice, language, msPerCharacter } = this.host.settings;
    return this.#send('play', async () => {
      if (typeof prompt !== 'string') return prompt.silenceMs;
      await this.leg.instruct(say(prompt, voice, language));
      return prompt.length * msPerCharacter;
    });
  }

  sendDigits(digits: string): Promise<void> {
    return this.#send('sendDigits', async () => {
      const sent = twilioDigits(digits);
      await this.leg.instruct(keys(sent));
      return [...sent].reduce((ms, key) => ms + (msPerPause[key] ?? msPerKey), 0);
    });
  }

  async gather(): Promise<string> {
    await this.#refuse('gather', 'Twilio tells digits to public URLs only: let the TwiML of a url gather them');
    return '';
  }

  /** Nobody is called once the call has ended. */
  #transfer(destination: string, { ringTimeoutMs = 30_000 }: TransferOptions = {}): Promise<TransferEnd> {
    const twiml = dial(destination, this.request.ani, ringSeconds(ringTimeoutMs));
    const end = this.#inTurn(() => transfer(this.leg, twiml, this.host), { outcome: Outcome.CANCELED, talkMs: 0 });
    this.#transferring = end;
    return end;
  }

  /** For its time. Resolves when the call ends. */
  #send(what: string, start: () => Promise<number>): Promise<void> {
    if (this.host.settings.url !== undefined) return this.#refuse(what, 'its url says what happens on the call');
    const sent = this.#inTurn(async () => this.#wait(await start()), undefined);
    return Promise.race([sent, this.leg.ended.then(() => undefined)]);
  }

  /** One thing after the other. */
  #inTurn<T>(act: () => Promise<T>, otherwise: T): Promise<T> {
    const done = this.#outgoing.then(async () => {
      if (!(await this.answered)) return otherwise;
      // The TwiML of a call begins when its detection has ended.
      const { machineDetectionTimeoutMs, pollMs } = this.host.settings;
      if (this.#detects) await this.detectCalleeType(machineDetectionTimeoutMs + pollMs);
      return this.leg.over.aborted ? otherwise : act();
    });
    // What can't be sent keeps nothing else from going out.
    this.#outgoing = done.catch(() => undefined);
    return done;
  }

  #look(resource: CallResource): void {
    this.#heardBeep ||= resource.answered_by === 'machine_end_beep';
    const calleeType = this.#detects ? calleeTypeOf(resource) : 'unknown';
    if (calleeType) this.#settleCalleeType(calleeType);
  }

  /** Whom the callee was handed to has hung up by then. */
  async #finish(end: DialEnd): Promise<DialEnd> {
    this.#settleCalleeType('unknown');
    await this.#transferring;
    return end;
  }

  async #refuse(what: string, why: string): Promise<void> {
    if (this.leg.over.aborted) return;
    throw new Error(`${what}: the Twilio trunk cannot, ${why}`);
  }

  async #within<T>(promise: Promise<T>, ms: number, otherwise: T): Promise<T> {
    const settled = new AbortController();
    const late = sleep(ms, otherwise, { signal: settled.signal }).catch(() => otherwise);
    try {
      return await Promise.race([promise, late]);
    } finally {
      settled.abort();
    }
  }

  /** Cut short by the end of the call. */
  async #wait(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.leg.over }).catch(() => undefined);
  }
}
