/** One call at Twilio: the callee's, or that of somebody whom the callee is transferred to. What is known of it comes from the poller. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pending } from '../pending';
import type { DialEnd } from '../trunk';
import type { TwilioApi, TwilioError } from './api';
import { type CallResource, endOf, liveStatuses } from './call-resource';
import type { PolledCall, Poller } from './poller';

/** Status of a call that has ended, where it is updated: https://www.twilio.com/docs/api/errors/21220 */
const notInProgress = 21220;

/** A call that is not found so often in a row is no more. */
const maxMisses = 10;

const ringing = liveStatuses.indexOf('ringing');
const inProgress = liveStatuses.indexOf('in-progress');

/** What of the trunk a leg needs. */
export interface LegHost {
  readonly api: TwilioApi;
  readonly poller: Poller;
  readonly settings: { readonly pollMs: number };
}

export class Leg implements PolledCall {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  stage = 0;
  /** From the first look that saw the answer to the one that saw the end; 0 before. */
  talkMs = 0;
  /** Told how an answered call stands. */
  onLook: ((resource: CallResource) => void) | undefined;

  readonly #settleRinging: (rings: boolean) => void;
  readonly #settleAnswered: (answered: boolean) => void;
  readonly #settleEnded: (end: DialEnd) => void;
  readonly #over = new AbortController();
  #sid: string | undefined;
  #answeredAt: number | undefined;
  #misses = 0;
  #isHangUpWanted = false;
  #isHangingUp = false;

  /**
   * @param unanswered - the status that ends it while it rings. `canceled` spares whoever answers just then; a call of `<Dial>` counts
   *   as in progress: https://www.twilio.com/docs/api/rest/change-call-state
   */
  constructor(
    private readonly host: LegHost,
    private readonly unanswered: 'canceled' | 'completed' = 'canceled',
  ) {
    [this.ringing, this.#settleRinging] = pending<boolean>();
    [this.answered, this.#settleAnswered] = pending<boolean>();
    [this.ended, this.#settleEnded] = pending<DialEnd>();
  }

  /** Of a call that Twilio has. */
  get sid(): string {
    return this.#sid!;
  }

  /** Aborted when the call has ended. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Twilio has the call. */
  begin(resource: CallResource): void {
    this.#sid = resource.sid;
    this.host.poller.watch(resource.sid, this);
    void this.ended.then(() => this.host.poller.forget(resource.sid));
    this.update(resource);
  }

  update(resource: CallResource): void {
    if (this.over.aborted) return;
    this.#misses = 0;
    const end = endOf(resource);
    const stage = liveStatuses.findIndex((status) => status === resource.status);
    this.stage = Math.max(this.stage, stage, end?.outcome === 'answered' ? inProgress : 0);
    if (this.stage >= ringing || end?.outcome === 'no-answer') this.#settleRinging(true);
    if (this.stage === inProgress) {
      this.#answeredAt ??= performance.now();
      this.#settleAnswered(true);
      this.onLook?.(resource);
    }
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
    if (this.over.aborted) return;
    if (this.#answeredAt !== undefined) this.talkMs = performance.now() - this.#answeredAt;
    // Settled promises stay as they are.
    this.#settleRinging(false);
    this.#settleAnswered(false);
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

  /** A call of `<Dial>` ends with the one that dials it. Twilio sees to that; it is asked to where the next look shows that it has not. */
  endWith(other: Leg): void {
    void other.ended.then(() => (this.#isHangUpWanted = true));
  }

  /**
   * Lets an answered call run other TwiML, once.
   *
   * @throws TwilioError where Twilio refuses it for another reason than the call's end
   */
  async instruct(twiml: string): Promise<void> {
    const { api, settings } = this.host;
    while (!this.over.aborted) {
      try {
        return this.update(await api.update(this.sid, { Twiml: twiml }));
      } catch (error) {
        const { failure, code } = error as TwilioError;
        if (failure === 'refused' && code !== notInProgress) throw error;
        // Twice would be heard, or would ring, twice.
        if (failure !== 'limited' && failure !== 'not-sent') return;
        await sleep(settings.pollMs, undefined, { signal: this.over }).catch(() => undefined);
      }
    }
  }

  /** A look beside the poller's. Never rejects. */
  async look(): Promise<void> {
    await this.host.api.fetch(this.sid).then(
      (resource) => this.update(resource),
      () => undefined,
    );
  }

  /** Completed once it is answered, at the next look. */
  async #askToHangUp(): Promise<void> {
    if (this.#sid === undefined || this.#isHangingUp || this.over.aborted) return;
    this.#isHangingUp = true;
    try {
      const status = this.stage === inProgress ? 'completed' : this.unanswered;
      this.update(await this.host.api.update(this.#sid, { Status: status }));
    } catch {
      // The next look says how the call stands, and asks again.
    } finally {
      this.#isHangingUp = false;
    }
  }
}
