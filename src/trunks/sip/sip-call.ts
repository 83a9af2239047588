/** A dial over SIP, then a live call. */
import { randomUUID } from 'node:crypto';
import { CallMedia, MediaCall, mixed } from '../media';
import type { DialEnd, DialRequest, TransferEnd, TransferOptions, TrunkCall } from '../trunk';
import { SipLeg } from './leg';
import type { SipSettings } from './options';
import { Transfer } from './transfer';

/** Dials a leg at the first server that is up, or fails it. */
export type Connect = (leg: SipLeg) => void;

/** A dial of the SIP trunk: the callee's leg, what is played and gathered on it, and those whom the callee is transferred to. */
export class SipCall extends MediaCall implements TrunkCall {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  readonly #request: DialRequest;
  readonly #settings: SipSettings;
  readonly #connect: Connect;
  readonly #leg: SipLeg;
  protected readonly media: CallMedia;
  readonly #transfers = new Set<Transfer>();
  #isOver = false;

  constructor(request: DialRequest, settings: SipSettings, connect: Connect) {
    super();
    const { callId, attempt, postd } = request;
    this.#request = request;
    this.#settings = settings;
    this.#connect = connect;
    // Both together are the dial's key; the rest tells dials of the same attempt apart, after a line fault.
    this.#leg = new SipLeg({ ...request, id: `${callId}.${attempt}.${randomUUID()}` }, settings, {
      onAudio: (samples, timestamp) => this.#receive(samples, timestamp),
      onDigit: (digit) => this.#receiveDigit(digit),
    });
    this.media = new CallMedia(
      { sendFrame: (frame) => this.#send(frame), sendDigit: (digit) => this.#leg.sendDigit(digit) },
      settings.media,
    );
    if (postd) void this.media.sendDigits(postd);
    this.ringing = this.#leg.ringing;
    this.answered = this.#leg.answered.then((isAnswered) => {
      if (isAnswered) this.media.answer();
      return isAnswered;
    });
    this.ended = this.#leg.ended.then(async (end) => {
      await this.#finish();
      return end;
    });
    connect(this.#leg);
  }

  async hangUp(): Promise<void> {
    await Promise.all([this.#finish(), this.#leg.hangUp()]);
    await this.ended;
  }

  /** A second INVITE from here, not a REFER: so its outcome is known, and the line is held until both have finished. */
  async transfer(destination: string, { ringTimeoutMs = 30_000 }: TransferOptions = {}): Promise<TransferEnd> {
    if (!(await this.answered) || this.#isOver) return { outcome: 'canceled', talkMs: 0 };
    const { callId, attempt, ani } = this.#request;
    const id = `${callId}.${attempt}.transfer-${randomUUID()}`;
    const dial = { id, destination, ani, ringTimeoutMs };
    const transfer = new Transfer(dial, this.#settings, (digit) => void this.#leg.sendDigit(digit));
    this.#transfers.add(transfer);
    this.#connect(transfer.leg);
    const end = await transfer.end;
    this.#transfers.delete(transfer);
    return end;
  }

  #receive(samples: Int16Array, timestamp: number): void {
    this.media.receive(samples, timestamp);
    for (const transfer of this.#transfers) transfer.receive(samples, timestamp);
  }

  #receiveDigit(digit: string): void {
    this.media.receiveDigit(digit);
    for (const transfer of this.#transfers) void transfer.leg.sendDigit(digit);
  }

  /** Prompts go on beside a transfer. */
  #send(frame: Int16Array | undefined): void {
    this.#leg.sendFrame(mixed([frame, ...[...this.#transfers].map((transfer) => transfer.tick())]));
  }

  /** Nobody stays on a line that the callee has left. */
  async #finish(): Promise<void> {
    this.#isOver = true;
    this.media.end();
    await Promise.all([...this.#transfers].map(({ leg }) => leg.hangUp()));
  }
}
