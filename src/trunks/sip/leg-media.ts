/** The sound of one leg: its RTP session, as the descriptions of both sides have it. */
import { type RtpEvents, RtpSession } from '../rtp/rtp-session';
import type { SipSettings } from './options';
import { answerOf, type LocalMedia, offerOf, readSdp } from './sdp';

/** How often it is looked whether the other side is still heard. */
const watchMs = 1_000;

export class LegMedia {
  readonly #rtp: RtpSession;
  readonly #settings: SipSettings;
  readonly #local: LocalMedia;
  #watch: NodeJS.Timeout | undefined;

  private constructor(rtp: RtpSession, settings: SipSettings, host: string) {
    this.#rtp = rtp;
    this.#settings = settings;
    this.#local = { host, port: rtp.port, codecs: settings.codecs };
  }

  /**
   * Takes a port.
   *
   * @param host - IPv4 address of this side
   * @throws Error where none is free
   */
  static async open(settings: SipSettings, host: string, events: RtpEvents): Promise<LegMedia> {
    return new LegMedia(await RtpSession.open(settings.rtpPorts, events), settings, host);
  }

  /** What this side offers. */
  offer(): string {
    return offerOf(this.#local);
  }

  /** The other side has answered the offer. @throws Error where there is nothing in common */
  agree(sdp: string): void {
    this.#rtp.setRemote(readSdp(sdp, this.#settings.codecs));
  }

  /** The other side offers something else; what it is answered. @throws Error where there is nothing in common */
  renegotiate(sdp: string): string {
    const remote = readSdp(sdp, this.#settings.codecs);
    this.#rtp.setRemote(remote);
    return answerOf(this.#local, remote);
  }

  /** From now on the other side is to be heard, unless it is on hold. */
  watch(onGone: (text: string) => void): void {
    const { rtpTimeoutMs } = this.#settings;
    if (rtpTimeoutMs === 0) return;
    const look = (): void => {
      if (this.#rtp.isOnHold || performance.now() - this.#rtp.heardAt < rtpTimeoutMs) return;
      onGone(`Nothing was heard for ${rtpTimeoutMs} ms`);
    };
    this.#watch = setInterval(look, Math.min(watchMs, rtpTimeoutMs));
  }

  /** See {@link RtpSession.sendFrame}. */
  sendFrame(frame: Int16Array | undefined): void {
    this.#rtp.sendFrame(frame);
  }

  /** See {@link RtpSession.sendDigit}. */
  sendDigit(digit: string): Promise<void> {
    return this.#rtp.sendDigit(digit);
  }

  close(): void {
    clearInterval(this.#watch);
    this.#rtp.close();
  }
}
