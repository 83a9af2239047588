/** A dial through Asterisk, then a live call. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Outcome } from '../../contract';
import { CallMedia, MediaCall } from '../media';
import type { DialEnd, DialRequest, TransferEnd, TransferOptions, TrunkCall } from '../trunk';
import { CallAudio } from './call-audio';
import { Leg } from './leg';
import type { Legs } from './legs';
import { type AsteriskSettings, endpointOf } from './options';

/** A digit and the pause after it, as Asterisk sends them by default. */
const digitMs = 100;
const betweenDigitsMs = 100;

/** What a call is made with. */
export interface CallSetup {
  readonly request: DialRequest;
  readonly settings: AsteriskSettings;
  readonly legs: Legs;
  readonly leg: Leg;
  /** Postd digits may be out already: an earlier worker saw the answer. */
  readonly isTakenUpAnswered: boolean;
}

/** Prompts and digits wait for the answer and go out one after the other; gathering goes on beside them. */
export class AsteriskCall extends MediaCall implements TrunkCall {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  readonly #setup: CallSetup;
  protected readonly media: CallMedia;
  readonly #over = new AbortController();
  #audio: CallAudio | undefined;
  #transfer: Promise<unknown> | undefined;
  #transfers = 0;
  #soundFailed = false;

  constructor(setup: CallSetup) {
    super();
    const { leg, request, settings, isTakenUpAnswered } = setup;
    this.#setup = setup;
    this.ringing = leg.ringing;
    this.answered = leg.answered;
    const port = {
      isOpen: () => this.#audio?.isAttached === true,
      sendFrame: (frame: Int16Array | undefined) => this.#audio?.send(frame),
      sendDigit: (digit: string) => this.#sendDigit(digit),
    };
    this.media = new CallMedia(port, settings);
    leg.onDigit = (digit) => this.media.receiveDigit(digit);
    if (request.postd !== undefined && !isTakenUpAnswered) void this.media.sendDigits(request.postd);
    void leg.answered.then((isAnswered) => isAnswered && this.#attachSound());
    this.ended = leg.ended.then((end) => this.#finish(end));
  }

  async hangUp(): Promise<void> {
    await this.#setup.leg.hangUp();
    await this.ended;
  }

  /** The other party is a channel of its own, which joins the call's bridge when it answers. */
  async transfer(destination: string, { ringTimeoutMs = 30_000 }: TransferOptions = {}): Promise<TransferEnd> {
    const { leg, legs, settings, request } = this.#setup;
    if (!(await this.answered) || leg.isOver) return { outcome: Outcome.CANCELED, talkMs: 0 };
    const other = new Leg(`${leg.id}-transfer-${++this.#transfers}`, legs);
    this.#transfer = other.ended;
    void leg.ended.then(() => other.hangUp());
    const endpoint = endpointOf(settings.endpoint, destination);
    void other.place({ endpoint, callerId: request.ani, ringTimeoutMs });
    if (!(await other.answered)) return { ...(await other.ended), talkMs: 0 };
    if (!(await this.#audio?.join(other.id))) await other.hangUp();
    const joinedAt = performance.now();
    const end = await other.ended;
    return { ...end, talkMs: performance.now() - joinedAt };
  }

  #attachSound(): void {
    const { leg, legs, settings, request } = this.#setup;
    if (leg.isOver) return;
    this.#audio = new CallAudio(legs, {
      settings,
      channelId: leg.id,
      ...(settings.record && !request.isPci && { recording: leg.id }),
      onSound: (samples, timestamp) => this.media.receive(samples, timestamp),
      onAttached: () => this.media.answer(),
      onFailed: () => {
        // Nobody would hear anything.
        this.#soundFailed = true;
        void leg.hangUp();
      },
    });
  }

  async #finish(end: DialEnd): Promise<DialEnd> {
    this.#over.abort();
    this.media.end();
    if (this.#audio) this.#setup.legs.cleanUp(this.#audio.close());
    await this.#transfer;
    return this.#soundFailed ? { ...end, cause: { ...end.cause, text: 'Sound could not be had from Asterisk' } } : end;
  }

  async #sendDigit(digit: string): Promise<void> {
    const { leg, legs } = this.#setup;
    await legs.ari.post(`/channels/${leg.id}/dtmf`, { dtmf: digit, duration: digitMs, between: betweenDigitsMs });
    // Asterisk answers before it has sent it.
    await sleep(digitMs + betweenDigitsMs, undefined, { signal: this.#over.signal }).catch(() => undefined);
  }
}
