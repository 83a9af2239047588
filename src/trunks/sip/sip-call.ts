/** A dial over SIP, then a live call. */
import { randomUUID } from 'node:crypto';
import type {
  AckableIncomingResponseWithSession,
  IncomingInviteRequest,
  IncomingResponse,
  OutgoingInviteRequest,
  Session,
} from 'sip.js/lib/core';
import type { Cause } from '../../contract';
import { CallMedia, MediaCall } from '../media';
import { pending } from '../pending';
import type { DialEnd, DialRequest, TrunkCall } from '../trunk';
import type { SipLink } from './link';
import type { SipSettings } from './options';
import { q850Of, refusedEnd } from '../outcomes';
import type { RtpSession } from '../rtp/rtp-session';
import type { RemoteMedia } from '../rtp/remote-media';
import type { LocalMedia } from './sdp';
import type * as Stack from './stack';

/** RFC 3398 gives a BYE that says nothing else this cause. */
const normalClearing: Cause = { q850: 16, text: 'Normal call clearing' };
/** A CANCEL or BYE that nobody answers by then is not waited for: the network has lost the call. */
const farewellMs = 5_000;
/** How often it is looked whether the callee is still heard. */
const watchMs = 1_000;

/** A dial of the SIP trunk: the INVITE, its dialog, and the sound and digits of the call. */
export class SipCall extends MediaCall implements TrunkCall {
  readonly ringing: Promise<boolean>;
  readonly answered: Promise<boolean>;
  readonly ended: Promise<DialEnd>;
  readonly #request: DialRequest;
  readonly #settings: SipSettings;
  protected readonly media: CallMedia;
  readonly #settleRinging: (rings: boolean) => void;
  readonly #settleAnswered: (answered: boolean) => void;
  readonly #settleEnded: (end: DialEnd) => void;
  #rtp: RtpSession | undefined;
  #stack!: typeof Stack;
  #host = '';
  #invite: OutgoingInviteRequest | undefined;
  #session: Session | undefined;
  #stopWatching: (() => void) | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  /** The network has taken the INVITE. */
  #isUnderWay = false;
  #rang = false;
  #earlySdp: string | undefined;
  /** How the call ends once the network has confirmed it: set when this side ends it. */
  #leaving: DialEnd | undefined;
  #isOver = false;

  constructor(request: DialRequest, settings: SipSettings) {
    super();
    this.#request = request;
    this.#settings = settings;
    [this.ringing, this.#settleRinging] = pending();
    [this.answered, this.#settleAnswered] = pending();
    [this.ended, this.#settleEnded] = pending();
    this.media = new CallMedia(
      {
        sendFrame: (frame) => this.#rtp?.sendFrame(frame),
        sendDigit: async (digit) => this.#rtp?.sendDigit(digit),
      },
      settings.media,
    );
    if (request.postd) void this.media.sendDigits(request.postd);
  }

  /** Sends the INVITE, unless the call was hung up before. */
  async dial(link: SipLink, stack: typeof Stack): Promise<void> {
    this.#stack = stack;
    this.#host = link.host;
    try {
      this.#rtp = await stack.RtpSession.open(this.#settings.rtpPorts, {
        onAudio: (samples, timestamp) => this.media.receive(samples, timestamp),
        onDigit: (digit) => this.media.receiveDigit(digit),
      });
    } catch (error) {
      return this.fail((error as Error).message);
    }
    if (this.#isOver) return this.#rtp.close();
    const { callId, attempt, destination, ani, ringTimeoutMs } = this.#request;
    // Both halves together are the dial's key; the rest tells dials of the same attempt apart, after a line fault.
    const sipCallId = `${callId}.${attempt}.${randomUUID()}@${link.host}`;
    try {
      const identity = `P-Asserted-Identity: <sip:${ani}@${link.domain}>`;
      const headers = [identity, 'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS'];
      const message = link.requestTo(
        'INVITE',
        destination,
        ani,
        { callId: sipCallId },
        headers,
        stack.offerOf(this.#local()),
      );
      this.#stopWatching = link.watchInvite(sipCallId, ({ statusCode, body }) => this.#progress(statusCode!, body));
      this.#invite = link.agent.core.invite(message, {
        onAccept: (response) => this.#accepted(response),
        onRedirect: (response) => this.#refused(response),
        onReject: (response) => this.#refused(response),
      });
    } catch (error) {
      return this.fail((error as Error).message);
    }
    this.#after(ringTimeoutMs, () => this.#stopRinging({ outcome: this.#isUnderWay ? 'no-answer' : 'unreachable' }));
  }

  /** Ends a call that reached nobody. */
  fail(text: string): void {
    this.#end({ outcome: 'line-fault', cause: { text } });
  }

  async hangUp(): Promise<void> {
    if (this.#session) this.#bye({ outcome: 'answered', cause: normalClearing });
    else if (this.#invite) this.#stopRinging({ outcome: 'canceled' });
    else this.#end({ outcome: 'canceled' });
    await this.ended;
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

  #accepted({ message, session, ack }: AckableIncomingResponseWithSession): void {
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
      onInvite: (invite) => this.#renegotiate(invite),
    };
    // The answer crossed our CANCEL: nobody was told of it, and the callee is told at once that it is over.
    if (this.#leaving) return this.#bye(this.#leaving);
    try {
      this.#rtp!.setRemote(this.#read(message.body || this.#earlySdp || ''));
    } catch (error) {
      this.#settleAnswered(true);
      return this.#bye({ outcome: 'answered', cause: { sip: 200, text: (error as Error).message } });
    }
    this.#clearTimers();
    this.#rtp!.heardAt = performance.now();
    this.media.answer();
    this.#settleAnswered(true);
    this.#watchRtp();
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
    this.media.end();
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

  /** A re-INVITE: hold, or another place for the sound. */
  #renegotiate(invite: IncomingInviteRequest): void {
    try {
      const remote = this.#read(invite.message.body);
      this.#rtp!.setRemote(remote);
      const body = {
        contentDisposition: 'session',
        contentType: 'application/sdp',
        content: this.#stack.answerOf(this.#local(), remote),
      };
      invite.accept({ statusCode: 200, body });
    } catch {
      invite.reject({ statusCode: 488 });
    }
  }

  #watchRtp(): void {
    const { rtpTimeoutMs } = this.#settings;
    if (rtpTimeoutMs === 0) return;
    const watch = setInterval(
      () => {
        if (this.#rtp!.isOnHold || performance.now() - this.#rtp!.heardAt < rtpTimeoutMs) return;
        this.#bye({ outcome: 'answered', cause: { text: `Nothing was heard for ${rtpTimeoutMs} ms` } });
      },
      Math.min(watchMs, rtpTimeoutMs),
    );
    this.#timers.push(watch);
  }

  #read(sdp: string): RemoteMedia {
    return this.#stack.readSdp(sdp, this.#settings.codecs);
  }

  #local(): LocalMedia {
    return { host: this.#host, port: this.#rtp!.port, codecs: this.#settings.codecs };
  }

  #end(end: DialEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#clearTimers();
    this.#stopWatching?.();
    this.media.end();
    this.#rtp?.close();
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
