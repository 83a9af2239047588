/** A telephone of the loopback network, from INVITE to its end: it does what the simulated trunk's callee of its number does. */
import type { IncomingInviteRequest, Session } from 'sip.js/lib/core';
import { CallMedia } from '../../media';
import { q850Of } from '../../outcomes';
import type { DialPlan } from '../../simulated/dial-plan';
import { soundOf } from '../../simulated/callee-sounds';
import type { LedgerEntry } from '../../simulated/dial-ledger';
import { RtpSession } from '../../rtp/rtp-session';
import { answerOf, readSdp } from '../sdp';
import { ringbackTone } from './ringback-tone';

/** What happens at a telephone. A `line-fault` happens before it is reached. */
export type TelephoneEvent = 'dial' | 'ringing' | 'answer' | 'end' | 'line-fault';

/** How it ended, and what was on the wire then. */
export type TelephoneEnd = Pick<LedgerEntry, 'outcome' | 'cause'>;

export interface TelephoneSetup {
  readonly invite: IncomingInviteRequest;
  readonly plan: DialPlan;
  readonly host: string;
  /** Sends the network's ringing tone as sound before the answer. */
  readonly earlyMedia: boolean;
  readonly note: (event: TelephoneEvent, end?: TelephoneEnd) => void;
}

/** A person presses keys when the caller has spoken and is quiet for so long. */
const attentionMs = 600;
/** Louder sound is heard: magnitude, of the caller the mean of a packet. */
const audible = 200;

export class Telephone {
  /** Digits that the caller sent. */
  heardDigits = '';
  readonly #setup: TelephoneSetup;
  readonly #media: CallMedia;
  readonly #timers: NodeJS.Timeout[] = [];
  #rtp: RtpSession | undefined;
  #session: Session | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #keys = '';
  #isOver = false;

  constructor(setup: TelephoneSetup) {
    this.#setup = setup;
    this.#media = new CallMedia({
      sendFrame: (frame) => this.#rtp?.sendFrame(frame),
      sendDigit: async (digit) => this.#rtp?.sendDigit(digit),
    });
  }

  /** Rings, or refuses at once. */
  async ring(): Promise<void> {
    const { invite, plan, host, earlyMedia, note } = this.#setup;
    if (plan.end.outcome === 'line-fault') {
      note('line-fault');
      invite.reject({ statusCode: 503 });
      return;
    }
    note('dial');
    invite.delegate = { onCancel: () => this.#canceled() };
    invite.trying();
    if (earlyMedia && plan.rings) await this.#openMedia();
    if (this.#isOver) return;
    if (plan.rings) {
      note('ringing');
      invite.progress(this.#rtp ? { statusCode: 183, body: this.#answerSdp(host) } : { statusCode: 180 });
      if (this.#rtp) {
        this.#media.answer();
        void this.#media.play({ audio: ringbackTone(plan.ringMs) });
      }
    }
    if (plan.ringMs === Infinity) return;
    this.#after(plan.ringMs, () => void this.#ringEnds());
  }

  /** Hangs up, whatever it does. */
  hangUp(): void {
    if (this.#isOver) return;
    if (this.#session) {
      try {
        this.#session.bye();
      } catch {
        // Not yet acknowledged: the caller notices that nothing is heard.
      }
    }
    this.#end({ outcome: 'answered' });
  }

  async #ringEnds(): Promise<void> {
    const { invite, plan, host, note } = this.#setup;
    if (!plan.answer) {
      const { sip = 480, q850, text = '' } = plan.end.cause ?? {};
      const extraHeaders = q850 === undefined ? [] : [`Reason: Q.850;cause=${q850};text="${text}"`];
      invite.reject({ statusCode: sip, reasonPhrase: text, extraHeaders });
      const cause = { sip, ...(q850 !== undefined && { q850 }) };
      return this.#end({ outcome: plan.end.outcome, cause });
    }
    if (!this.#rtp) await this.#openMedia();
    if (this.#isOver) return;
    note('answer');
    const { session } = invite.accept({ statusCode: 200, body: this.#answerSdp(host) });
    this.#session = session;
    session.delegate = {
      onBye: (bye) => {
        bye.accept();
        const q850 = q850Of(bye.message.getHeaders('reason'))?.q850;
        this.#end({ outcome: 'answered', ...(q850 !== undefined && { cause: { q850 } }) });
      },
    };
    this.#media.answer();
    this.#speak(plan.answer);
    if (plan.answer.talkMs !== Infinity) this.#after(plan.answer.talkMs, () => this.hangUp());
  }

  #speak({ sound, presses = '' }: NonNullable<DialPlan['answer']>): void {
    this.#keys = presses;
    void this.#media.play({ audio: untilQuiet(soundOf(sound)) });
  }

  /** A person presses keys when the caller has finished speaking; a machine and a fax have none. */
  #hear(samples: Int16Array): void {
    const level = samples.reduce((sum, sample) => sum + Math.abs(sample), 0) / Math.max(1, samples.length);
    if (this.#keys === '' || level < audible || !this.#session || this.#isOver) return;
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      void this.#media.sendDigits(this.#keys);
      this.#keys = '';
    }, attentionMs);
  }

  async #openMedia(): Promise<void> {
    const rtp = await RtpSession.open(undefined, {
      onAudio: (samples) => this.#hear(samples),
      onDigit: (digit) => (this.heardDigits += digit),
    });
    if (this.#isOver) rtp.close();
    else this.#rtp = rtp;
  }

  #answerSdp(host: string): { contentDisposition: string; contentType: string; content: string } {
    const codecs = ['PCMU', 'PCMA'] as const;
    const remote = readSdp(this.#setup.invite.message.body, codecs);
    this.#rtp!.setRemote(remote);
    const content = answerOf({ host, port: this.#rtp!.port, codecs }, remote);
    return { contentDisposition: 'session', contentType: 'application/sdp', content };
  }

  #canceled(): void {
    if (this.#isOver) return;
    this.#setup.invite.reject({ statusCode: 487 });
    const { outcome } = this.#setup.plan.end;
    this.#end({ outcome: outcome === 'no-answer' ? outcome : 'canceled', cause: { sip: 487 } });
  }

  #end(end: TelephoneEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of [...this.#timers, this.#quiet]) clearTimeout(timer);
    this.#media.end();
    this.#rtp?.close();
    this.#setup.note('end', end);
  }

  #after(ms: number, then: () => void): void {
    this.#timers.push(setTimeout(then, ms));
  }
}

/** Keys go out when it is over. The faint noise of the line after it says nothing. */
function untilQuiet(sound: Int16Array): Int16Array {
  return sound.subarray(0, sound.findLastIndex((sample) => Math.abs(sample) > audible) + 1);
}
