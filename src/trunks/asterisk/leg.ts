/** One channel that is dialed: the callee's, or that of somebody whom the callee is transferred to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cause, Outcome } from '../../contract';
import { outcomeOf } from './outcomes';
import { pending } from '../pending';
import type { DialEnd } from '../trunk';
import type { AriClient } from './ari-client';
import type { AriChannel, AriEvent } from './ari-messages';

/** Asterisk's own ring timeout is a net under ours, for channels whose worker was lost. */
const netSeconds = 2;
/** A hang-up that is not seen to happen is asked for again. */
const hangUpAgainMs = 2_000;

/** ARI takes a channel in milliseconds, unless its event was lost. */
const enterMs = 5_000;

/** Q.850 values that a hang-up is asked for with. */
const normalClearing = 16;
const noAnswer = 19;

/** Of a cause, in characters. */
const longestText = 200;

/** What a leg is dialed with. */
export interface LegDial {
  /** Asterisk's name of who is dialed: `PJSIP/+16175550142@carrier`. */
  readonly endpoint: string;
  /** E.164 with `+`. */
  readonly callerId: string;
  readonly ringTimeoutMs: number;
}

/** What of the trunk a leg needs. */
export interface LegHost {
  readonly ari: AriClient;
  /** Events of the channel come to the leg from now on, until it has ended. */
  add(leg: Leg): void;
  /** The channel or bridge may be there or come yet: it is to be removed as soon as Asterisk can be reached. */
  discard(path: string): void;
  /** Whether that path is not to be removed any more. */
  isClear(path: string): Promise<boolean>;
}

/**
 * A dial in two requests: `create` makes the channel and rings nobody, `dial` rings. Asterisk refuses a second channel of the same
 * id, and an answer to `dial` that is lost is made good by events: a channel that is destroyed without a `Dial` event has
 * rung nobody. From its creation the channel is held by ARI, so that a callee who answers after the worker was lost stays.
 */
export class Leg {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  /** Takes digits that this party presses. */
  onDigit: ((digit: string) => void) | undefined;
  readonly #path: string;
  /** ARI has the channel: until then it can't be dialed. */
  readonly #entered: Promise<boolean>;
  readonly #settleEntered: (entered: boolean) => void;
  readonly #settleRinging: (rings: boolean) => void;
  readonly #settleAnswered: (answered: boolean) => void;
  readonly #settleEnded: (end: DialEnd) => void;
  readonly #over = new AbortController();
  readonly #ari: AriClient;
  #ringTimer: NodeJS.Timeout | undefined;
  /** Asterisk has it: from now on its end is seen. */
  #isCreated = false;
  /** Asterisk was asked to dial, by us or by an earlier worker. */
  #isDialAsked = false;
  /** Asterisk has started to dial; where events were missed it may have. */
  #isDialed = false;
  /** The callee's network said that it rings, or let sound through. */
  #isAlerted = false;
  #isUp = false;
  /** Why it is hung up by us, before an answer. */
  #hangUpAs: typeof Outcome.CANCELED | typeof Outcome.NO_ANSWER | undefined;
  #isHangingUp = false;

  constructor(
    readonly id: string,
    private readonly host: LegHost,
  ) {
    this.#ari = host.ari;
    this.#path = `/channels/${id}`;
    [this.#entered, this.#settleEntered] = pending<boolean>();
    [this.ringing, this.#settleRinging] = pending<boolean>();
    [this.answered, this.#settleAnswered] = pending<boolean>();
    [this.ended, this.#settleEnded] = pending<DialEnd>();
  }

  /** Answered, whether it goes on or is over. */
  get isAnswered(): boolean {
    return this.#isUp;
  }

  get isOver(): boolean {
    return this.#over.signal.aborted;
  }

  /** Dials. Never rejects. */
  async place({ endpoint, callerId, ringTimeoutMs }: LegDial): Promise<void> {
    await this.#ari.tried;
    const isClear = this.#ari.problem === undefined && (await this.host.isClear(this.#path));
    if (!isClear) return this.#end(lineFault(this.#ari.problem));
    if (this.#hangUpAs) return this.#end({ outcome: this.#hangUpAs });
    this.host.add(this);
    // Asterisk puts the connected line into From.
    const variables = { 'CALLERID(num)': callerId, 'CONNECTEDLINE(num)': callerId };
    const query = { endpoint, app: this.#ari.app, channelId: this.id };
    const created = await this.#ari.post('/channels/create', query, { variables });
    // Left by a dial of this key that was given up: see there what has become of it.
    if (created.status === 409) return this.#adopt(ringTimeoutMs);
    if (!created.ok) {
      if (created.status === 'lost') this.host.discard(this.#path);
      return this.#end(this.#hangUpAs ? { outcome: this.#hangUpAs } : lineFault(created.problem));
    }
    if (this.isOver) return this.host.discard(this.#path);
    this.#isCreated = true;
    if (!(await this.#isEntered())) return this.#hangUpChannel(normalClearing);
    this.#limitRinging(ringTimeoutMs);
    const timeout = Math.ceil(ringTimeoutMs / 1_000) + netSeconds;
    this.#isDialAsked = true;
    const dialed = await this.#ari.post(`${this.#path}/dial`, { timeout });
    if (!dialed.ok && !this.#isDialed) await this.#hangUpChannel(normalClearing);
  }

  /**
   * Takes up a channel that another process has dialed. False where there is none.
   *
   * @throws Error where Asterisk does not say whether there is one
   */
  async takeUp(ringTimeoutMs: number): Promise<boolean> {
    this.host.add(this);
    const eventSource = `channel:${this.id}`;
    const subscribed = await this.#ari.post(`/applications/${this.#ari.app}/subscription`, { eventSource });
    const { status, ok, body, at, problem = subscribed.problem } = await this.#ari.get<AriChannel>(this.#path);
    if (subscribed.ok && ok && body) {
      this.#isCreated = this.#isDialAsked = this.#isDialed = true;
      this.#apply(body);
      const age = (at ?? Date.now()) - Date.parse(body.creationtime ?? '');
      if (!this.#isUp) this.#limitRinging(Math.max(0, ringTimeoutMs - (Number.isNaN(age) ? 0 : age)));
      return true;
    }
    this.#end(lineFault(problem));
    if (status === 404) return false;
    throw new Error(`asterisk: the call of an earlier worker can't be looked for: ${problem}`);
  }

  /** Ends it. Resolves when ended. */
  async hangUp(as: typeof Outcome.CANCELED | typeof Outcome.NO_ANSWER = Outcome.CANCELED): Promise<void> {
    this.#hangUpAs ??= as;
    if (this.#isCreated) void this.#hangUpChannel(as === Outcome.NO_ANSWER ? noAnswer : normalClearing);
    await this.ended;
  }

  /** Takes what Asterisk tells of this channel. */
  handle(event: AriEvent): void {
    if (event.type === 'Dial') {
      this.#isDialed = true;
      if (event.dialstatus === 'PROGRESS') this.#isAlerted = true;
      if (event.peer) this.#apply(event.peer);
    } else if (event.type === 'StasisStart') this.#settleEntered(true);
    else if (event.type === 'ChannelDtmfReceived' && isDigit(event.digit)) this.onDigit?.(event.digit);
    else if (event.type === 'ChannelDestroyed') this.#end(this.#conclude(causeOf(event)));
    else if (event.type === 'ChannelStateChange' && event.channel) this.#apply(event.channel);
  }

  /** Events were missed: the channel is looked at as it is now. */
  async catchUp(): Promise<void> {
    if (!this.#isCreated || this.isOver) return;
    this.#isDialed ||= this.#isDialAsked;
    const { status, ok, body } = await this.#ari.get<AriChannel>(this.#path);
    if (ok && body) this.#apply(body);
    else if (status === 404) this.#end(this.#conclude({ text: 'Ended while Asterisk was out of reach' }));
  }

  /** Asterisk is gone for good. */
  giveUp(): void {
    if (this.isOver) return;
    this.host.discard(this.#path);
    this.#isDialed ||= this.#isDialAsked;
    this.#end(this.#conclude({ text: 'Asterisk was lost' }));
  }

  #apply({ state }: AriChannel): void {
    if (state === 'Ringing' || state === 'Ring') {
      this.#isAlerted = true;
      this.#settleRinging(true);
    }
    if (state !== 'Up' || this.isOver) return;
    this.#isUp = true;
    clearTimeout(this.#ringTimer);
    this.#settleRinging(true);
    this.#settleAnswered(true);
  }

  /** A channel of our id that this process did not make. One that has not rung is removed, so that the next dial finds none. */
  async #adopt(ringTimeoutMs: number): Promise<void> {
    const isThere = await this.takeUp(ringTimeoutMs).catch(() => false);
    if (!isThere || this.#isAlerted || this.#isUp) return;
    this.#isDialAsked = this.#isDialed = false;
    await this.#hangUpChannel(normalClearing);
  }

  async #isEntered(): Promise<boolean> {
    const timer = setTimeout(() => this.#settleEntered(false), enterMs);
    const entered = await this.#entered;
    clearTimeout(timer);
    return entered && !this.#hangUpAs;
  }

  #limitRinging(ms: number): void {
    this.#ringTimer = setTimeout(() => void this.#stopRinging(), ms);
  }

  /** Whoever answers while this process stands still has answered in time. */
  async #stopRinging(): Promise<void> {
    const { body } = await this.#ari.get<AriChannel>(this.#path);
    if (body) this.#apply(body);
    if (!this.#isUp) await this.hangUp(Outcome.NO_ANSWER);
  }

  /** Asks until the channel has gone: the connection may be lost meanwhile. */
  async #hangUpChannel(reason: number): Promise<void> {
    if (this.#isHangingUp) return;
    this.#isHangingUp = true;
    while (!this.isOver) {
      await this.#ari.delete(this.#path, { reason_code: reason });
      await sleep(hangUpAgainMs, undefined, { signal: this.#over.signal }).catch(() => undefined);
      if (!this.isOver) await this.catchUp();
    }
  }

  #conclude(cause: Cause): DialEnd {
    // Until what was missed is made good, the start of the dial may be of that.
    if (this.#ari.problem !== undefined) this.#isDialed ||= this.#isDialAsked;
    if (this.#isUp) return { outcome: Outcome.ANSWERED, cause };
    if (this.#hangUpAs) return { outcome: this.#hangUpAs, cause };
    if (!this.#isDialed) return { outcome: 'line-fault', cause };
    return { outcome: outcomeOf(cause, this.#isAlerted), cause };
  }

  #end(end: DialEnd): void {
    if (this.isOver) return;
    this.#over.abort();
    clearTimeout(this.#ringTimer);
    // Settled promises stay as they are.
    this.#settleEntered(false);
    this.#settleRinging(false);
    this.#settleAnswered(false);
    this.#settleEnded(end);
  }
}

function isDigit(digit: unknown): digit is string {
  return typeof digit === 'string' && /^[0-9A-D*#]$/.test(digit);
}

function lineFault(text = 'Asterisk is busy with an earlier dial of this call'): DialEnd {
  return { outcome: 'line-fault', cause: { text } };
}

/** A SIP status where there is one: other technologies have codes of their own. It goes on record: what is none is left out. */
function causeOf({ cause, cause_txt: text, tech_cause: status }: AriEvent): Cause {
  return {
    ...(isWithin(status, 300, 699) && { sip: status }),
    ...(isWithin(cause, 1, 127) && { q850: cause }),
    ...(typeof text === 'string' && text !== '' && text !== 'Unknown' && { text: text.slice(0, longestText) }),
  };
}

function isWithin(value: unknown, from: number, to: number): value is number {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
}
