/** A dial at Twilio, then a live call: what is known of it comes from the poller. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CalleeType } from '../../contract';
import { pending } from '../pending';
import type { DialEnd, DialRequest, Prompt, TrunkCall } from '../trunk';
import { type TwilioApi, TwilioError } from './api';
import { calleeTypeOf, type CallResource, endOf, liveStatuses } from './call-resource';
import type { TwilioSettings } from './options';
import type { PolledCall } from './poller';
import { keys, say, twilioDigits } from './twiml';

/** About what Twilio takes for one key, and what `w` and `W` stand for. */
const msPerKey = 300;
const msPerPause: Readonly<Record<string, number>> = { w: 500, W: 1_000 };
/** Status of a call that has ended, where it is updated: https://www.twilio.com/docs/api/errors/21220 */
const notInProgress = 21220;

/** A call that is not found so often in a row is no more. */
const maxMisses = 10;

const ringing = liveStatuses.indexOf('ringing');
const inProgress = liveStatuses.indexOf('in-progress');

type KnownCalleeType = Exclude<CalleeType, 'processing'>;

/**
 * Prompts and digits go out one after the other, as updates of the call with TwiML. Twilio does not tell when they have ended:
 * their length is reckoned. What the callee presses is told to public URLs only, so that it can't be gathered here.
 */
export class TwilioCall implements TrunkCall, PolledCall {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  stage = 0;

  readonly #settleRinging: (rings: boolean) => void;
  readonly #settleAnswered: (answered: boolean) => void;
  readonly #settleEnded: (end: DialEnd) => void;
  readonly #calleeType: Promise<KnownCalleeType>;
  readonly #settleCalleeType: (type: KnownCalleeType) => void;
  /** Aborted when the call has ended. */
  readonly #over = new AbortController();
  readonly #detects: boolean;
  #sid: string | undefined;
  #outgoing: Promise<unknown>;
  #misses = 0;
  #heardBeep = false;
  #isHangUpWanted = false;
  #isHangingUp = false;

  constructor(
    private readonly api: TwilioApi,
    private readonly settings: TwilioSettings,
    request: DialRequest,
  ) {
    [this.ringing, this.#settleRinging] = pending<boolean>();
    [this.answered, this.#settleAnswered] = pending<boolean>();
    [this.ended, this.#settleEnded] = pending<DialEnd>();
    [this.#calleeType, this.#settleCalleeType] = pending<KnownCalleeType>();
    // Twilio ignores MachineDetection where there are SendDigits.
    this.#detects = settings.machineDetection !== 'off' && request.postd === undefined;
    this.#outgoing = this.answered;
  }

  /** Twilio has the call. */
  begin(resource: CallResource): void {
    this.#sid = resource.sid;
    this.update(resource);
  }

  update(resource: CallResource): void {
    if (this.#over.signal.aborted) return;
    this.#misses = 0;
    const end = endOf(resource);
    const stage = liveStatuses.findIndex((status) => status === resource.status);
    this.stage = Math.max(this.stage, stage, end?.outcome === 'answered' ? inProgress : 0);
    if (this.stage >= ringing || end?.outcome === 'no-answer') this.#settleRinging(true);
    if (this.stage === inProgress) this.#settleAnswered(true);
    this.#heardBeep ||= resource.answered_by === 'machine_end_beep';
    const calleeType = this.#detects ? calleeTypeOf(resource) : 'unknown';
    if (calleeType && this.stage === inProgress) this.#settleCalleeType(calleeType);
    if (end) this.end(end);
    else if (this.#isHangUpWanted) void this.#askToHangUp();
  }

  /** A new call may take its time to be found. Later somebody has deleted it, which can't be done to one that lives. */
  miss(): void {
    if (++this.#misses < maxMisses) return;
    const outcome = this.stage === inProgress ? 'answered' : 'unreachable';
    this.end({ outcome, cause: { text: 'Twilio: the call was deleted' } });
  }

  /** Does nothing after the end. */
  end(end: DialEnd): void {
    // Settled promises stay as they are.
    this.#settleRinging(false);
    this.#settleAnswered(false);
    this.#settleCalleeType('unknown');
    this.#settleEnded(end);
    this.#over.abort();
  }

  /** The trunk closes, and will not hear how the call ends. */
  abandon(): void {
    this.end({
      outcome: this.stage === inProgress ? 'answered' : 'canceled',
      cause: { text: 'the trunk was closed' },
    });
  }

  async hangUp(): Promise<void> {
    this.#isHangUpWanted = true;
    void this.#askToHangUp();
    await this.ended;
  }

  async detectCalleeType(withinMs: number): Promise<KnownCalleeType> {
    if (!(await this.answered)) return 'unknown';
    return this.#within(this.#calleeType, withinMs, 'unknown');
  }

  /** Heard with `DetectMessageEnd` only, and never after it has gone by. */
  async detectBeep(withinMs: number): Promise<boolean> {
    if (!(await this.answered) || this.settings.machineDetection !== 'DetectMessageEnd') return false;
    await this.#within(this.#calleeType, withinMs, 'unknown');
    return this.#heardBeep && !this.#over.signal.aborted;
  }

  /** Speaks text, and keeps silent. Other sound lives on this machine, and calls live at Twilio. */
  play(prompt: Prompt): Promise<void> {
    if (typeof prompt !== 'string' && !('silenceMs' in prompt)) return this.#refuse('play', 'it plays text only');
    const { voice, language, msPerCharacter } = this.settings;
    return this.#send('play', async () => {
      if (typeof prompt !== 'string') return prompt.silenceMs;
      await this.#change(say(prompt, voice, language));
      return prompt.length * msPerCharacter;
    });
  }

  sendDigits(digits: string): Promise<void> {
    return this.#send('sendDigits', async () => {
      const sent = twilioDigits(digits);
      await this.#change(keys(sent));
      return [...sent].reduce((ms, key) => ms + (msPerPause[key] ?? msPerKey), 0);
    });
  }

  async gather(): Promise<string> {
    await this.#refuse('gather', 'Twilio tells digits to public URLs only: let the TwiML of a url gather them');
    return '';
  }

  /** Canceled while it rings, which spares whoever answers just then; completed after that, at the next look. */
  async #askToHangUp(): Promise<void> {
    if (this.#sid === undefined || this.#isHangingUp || this.#over.signal.aborted) return;
    this.#isHangingUp = true;
    try {
      this.update(await this.api.update(this.#sid, { Status: this.stage === inProgress ? 'completed' : 'canceled' }));
    } catch {
      // The next look says how the call stands, and asks again.
    } finally {
      this.#isHangingUp = false;
    }
  }

  /** One thing after the other, each for its time. Resolves when the call ends. */
  #send(what: string, start: () => Promise<number>): Promise<void> {
    if (this.settings.url !== undefined) return this.#refuse(what, 'its url says what happens on the call');
    const sent = this.#outgoing.then(async () => {
      if (!(await this.answered)) return;
      // The TwiML of a call begins when its detection has ended.
      if (this.#detects) await this.detectCalleeType(this.settings.machineDetectionTimeoutMs + this.settings.pollMs);
      if (!this.#over.signal.aborted) await this.#wait(await start());
    });
    // What can't be sent keeps nothing else from going out.
    this.#outgoing = sent.catch(() => undefined);
    return Promise.race([sent, this.ended.then(() => undefined)]);
  }

  /** @throws Error where Twilio refuses it for another reason than the call's end */
  async #change(twiml: string): Promise<void> {
    while (!this.#over.signal.aborted) {
      try {
        return this.update(await this.api.update(this.#sid!, { Twiml: twiml }));
      } catch (error) {
        const { failure, code } = error as TwilioError;
        if (!(error instanceof TwilioError) || (failure === 'refused' && code !== notInProgress)) throw error;
        // Twice would be heard twice.
        if (failure !== 'limited' && failure !== 'not-sent') return;
        await this.#wait(this.settings.pollMs);
      }
    }
  }

  async #refuse(what: string, why: string): Promise<void> {
    if (this.#over.signal.aborted) return;
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
    await sleep(ms, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }
}
