/** One party that is dialed: the INVITE, its dialog and its sound. A call has one, and another while it is transferred. */
import type {
  AckableIncomingResponseWithSession,
  IncomingInviteRequest,
  IncomingResponse,
  OutgoingInviteRequest,
  Session,
} from 'sip.js/lib/core';
import type { Cause } from '../../contract';
import { q850Of, refusedEnd } from '../outcomes';
import { pending } from '../pending';
import type { RtpEvents } from '../rtp/rtp-session';
import type { DialEnd } from '../trunk';
import type { LegMedia } from './leg-media';
import type { SipLink } from './link';
import type { SipSettings } from './options';
import type * as Stack from './stack';

/** RFC 3398 gives a BYE that says nothing else this cause. */
const normalClearing: Cause = { q850: 16, text: 'Normal call clearing' };
/** A CANCEL or BYE that nobody answers by then is not waited for: the network has lost the call. */
const farewellMs = 5_000;

/** What a leg is dialed with. */
export interface LegDial {
  /** First part of its Call-ID: no two legs have the same. */
  readonly id: string;
  /** E.164 with `+`. */
  readonly destination: string;
  /** E.164 with `+`. */
  readonly ani: string;
  readonly ringTimeoutMs: number;
}

/** From the INVITE to the end. Sound and digits that come before the answer are passed on, too. */
export class SipLeg {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  /** Once nothing of it is left on the network. */
  readonly ended: Promise<DialEnd>;
  readonly #dial: LegDial;
  readonly #settings: SipSettings;
  readonly #events: RtpEvents;
  readonly #settleRinging: (rings: boolean) => void;
  readonly #settleAnswered: (answered: boolean) => void;
  readonly #settleEnded: (end: DialEnd) => void;
  #media: LegMedia | undefined;
  #invite: OutgoingInviteRequest | undefined;
  #session: Session | undefined;
  #stopWatching: (() => void) | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  /** The network has taken the INVITE. */
  #isUnderWay = false;
  #rang = false;
  #earlySdp: string | undefined;
  /** How it ends once the network has confirmed it: set when this side ends it. */
  #leaving: DialEnd | undefined;
  #isOver = false;

  constructor(dial: LegDial, settings: SipSettings, events: RtpEvents) {
    this.#dial = dial;
    this.#settings = settings;
    this.#events = events;
    [this.ringing, this.#settleRinging] = pending();
    [this.answered, this.#settleAnswered] = pending();
    [this.ended, this.#settleEnded] = pending();
  }

  /** Sends the INVITE, unless the leg was hung up before. */
  async dial(link: SipLink, stack: typeof Stack): Promise<void> {
    try {
      this.#media = await stack.LegMedia.open(this.#settings, link.host, this.#events);
      if (this.#isOver) return this.#media.close();
      this.#sendInvite(link, this.#media);
    } catch (error) {
      return this.fail((error as Error).message);
    }
    const { ringTimeoutMs } = this.#dial;
    this.#after(ringTimeoutMs, () => this.#stopRinging({ outcome: this.#isUnderWay ? 'no-answer' : 'unreachable' }));
  }

  /** Ends a leg that reached nobody. */
  fail(text: string): void {
    this.#end({ outcome: 'line-fault', cause: { text } });
  }

  /** Stops ringing, or hangs up. Resolves when ended. */
  async hangUp(): Promise<void> {
    if (this.#session) this.#bye({ outcome: 'answered', cause: normalClearing });
    else if (this.#invite) this.#stopRinging({ outcome: 'canceled' });
    else this.#end({ outcome: 'canceled' });
    await this.ended;
  }

  /** See {@link MediaPort.sendFrame}. Before the answer nobody is there to hear it. */
  sendFrame(frame: Int16Array | undefined): void {
    this.#media?.sendFrame(frame);
  }

  /** See {@link MediaPort.sendDigit}. */
  async sendDigit(digit: string): Promise<void> {
    await this.#media?.sendDigit(digit);
  }

  #sendInvite(link: SipLink, media: LegMedia): void {
    const { id, destination, ani } = this.#dial;
    const callId = `${id}@${link.host}`;
    const identity = `P-Asserted-Identity: <sip:${ani}@${link.domain}>`;
    const headers = [identity, 'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS'];
    const message = link.requestTo('INVITE', destination, ani, { callId }, headers, media.offer());
    this.#stopWatching = link.watchInvite(callId, ({ statusCode, body }) => this.#progress(statusCode!, body));
    this.#invite = link.agent.core.invite(message, {
      onAccept: (response) => this.#accepted(response, link),
      onRedirect: (response) => this.#refused(response),
      onReject: (response) => this.#refused(response),
    });
  }

  /** 183 counts as ringing: where the network's own tones are heard, it often sends no 180. */
  #progress(status: number, body: string): void {
    if (status > 199) return;
    this.#isUnderWay = true;
    if (body) this.#earlySdp = body;
    if (status !== 180 && status !== 183) return;
    this.#rang = true;
    this.#settleRinging(true);
  }

  #accepted({ message, session, ack }: AckableIncomingResponseWithSession, link: SipLink): void {
    ack();
    // Where a proxy has forked the call, one callee is enough; and one who answers too late is let go.
    if (this.#session || this.#isOver) return void session.bye();
    this.#session = session;
    session.delegate = {
      onBye: (bye) => {
        bye.accept();
        const reason = q850Of(bye.message.getHeaders('reason'));
        this.#end(this.#leaving ?? { outcome: 'answered', cause: reason ?? normalClearing });
      },
      onInvite: (invite) => this.#renegotiate(invite, link.contact),
      onAck: (acknowledged) => this.#agree(acknowledged.message.body),
    };
    // The answer crossed our CANCEL: nobody was told of it, and the callee is told at once that it is over.
    if (this.#leaving) return this.#bye(this.#leaving);
    this.#settleAnswered(true);
    try {
      this.#media!.agree(message.body || this.#earlySdp || '');
    } catch (error) {
      return this.#bye({ outcome: 'answered', cause: { sip: 200, text: (error as Error).message } });
    }
    this.#clearTimers();
    this.#media!.watch((text) => this.#bye({ outcome: 'answered', cause: { text } }));
  }

  #refused({ message }: IncomingResponse): void {
    const { statusCode = 503, reasonPhrase = '' } = message;
    // SIP.js answers in the network's stead: without a Via. Nothing left this machine where it says so for a broken connection.
    const isOwn = message.viaBranch === undefined;
    const status = isOwn && statusCode !== 408 ? 503 : statusCode;
    const reasons = isOwn ? [] : message.getHeaders('reason');
    const end = refusedEnd({ status, reasonPhrase: reasonPhrase || 'Refused', reasons, rang: this.#rang });
    this.#end(this.#leaving ? { ...this.#leaving, ...(end.cause && { cause: end.cause }) } : end);
  }

  /** CANCEL, then the final response ends it: 487, or 200 where the callee was faster. */
  #stopRinging(leaving: DialEnd): void {
    if (this.#leaving || this.#session || this.#isOver) return;
    this.#leaving = leaving;
    try {
      // SIP.js holds it back until there is a provisional response, as RFC 3261, 9.1, wants it.
      this.#invite!.cancel();
    } catch {
      // The final response is on its way.
    }
    this.#after(farewellMs, () => this.#end({ ...leaving, cause: { sip: 408, text: 'No response' } }));
  }

  #bye(end: DialEnd): void {
    if (this.#isOver || (this.#leaving && this.#leaving !== end)) return;
    this.#leaving = end;
    const done = (): void => this.#end(end);
    this.#after(farewellMs, done);
    const { q850 = 16, text = '' } = end.cause ?? {};
    const extraHeaders = [`Reason: Q.850;cause=${q850};text="${text.replace(/["\\\r\n]/g, '')}"`];
    try {
      this.#session!.bye({ onAccept: done, onReject: done, onRedirect: done }, { extraHeaders });
    } catch {
      done();
    }
  }

  /** A re-INVITE: hold, or another place for the sound. One that describes nothing asks for an offer, which its ACK answers: RFC 3261, 14.2. */
  #renegotiate(invite: IncomingInviteRequest, contact: string): void {
    const { body: offer } = invite.message;
    try {
      const content = offer ? this.#media!.renegotiate(offer) : this.#media!.offer();
      const body = { contentDisposition: 'session', contentType: 'application/sdp', content };
      invite.accept({ statusCode: 200, extraHeaders: [contact], body });
    } catch {
      invite.reject({ statusCode: 488 });
    }
  }

  /** What an ACK answers. Where that is nothing of use, the sound stays as it was. */
  #agree(answer: string): void {
    if (!answer) return;
    try {
      this.#media!.agree(answer);
    } catch {
      // Nothing in common: there is no refusing an ACK.
    }
  }

  #end(end: DialEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clearTimers();
    this.#stopWatching?.();
    this.#media?.close();
    this.#settleRinging(false);
    this.#settleAnswered(false);
    this.#settleEnded(end);
  }

  #after(ms: number, then: () => void): void {
    this.#timers.push(setTimeout(then, ms));
  }

  #clearTimers(): void {
    for (const timer of this.#timers.splice(0)) clearTimeout(timer);
  }
}
