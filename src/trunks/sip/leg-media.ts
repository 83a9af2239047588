/** The sound of one leg: its RTP session, as the descriptions of both sides have it. */
import { type RtpEvents, RtpSession } from '../rtp/rtp-session';
import type { SipSettings } from './options';
import { answerOf, type LocalMedia, offerOf, readSdp } from './sdp';

/** How often it is looked whether the other side is still heard. */
const watchMs = 1_000;

export class LegMedia {
  readonly #rtp: RtpSession;
  readonly #settings: SipSettings;
  #local: LocalMedia & { readonly version: number };
  /** What the other side was told last. */
  #description: string | undefined;
  #watch: NodeJS.Timeout | undefined;

  private constructor(rtp: RtpSession, settings: SipSettings, host: string) {
    this.#rtp = rtp;
    this.#settings = settings;
    this.#local = { host, port: rtp.port, codecs: settings.codecs, version: 1 };
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

  /** What this side offers, at first and where it is asked to. */
  offer(): string {
    return this.#describe(offerOf);
  }

  /** The other side has answered an offer. @throws Error where there is nothing in common */
  agree(sdp: string): void {
    this.#rtp.setRemote(readSdp(sdp, this.#settings.codecs));
  }

  /** The other side offers something else; what it is answered. @throws Error where there is nothing in common */
  renegotiate(sdp: string): string {
    const remote = readSdp(sdp, this.#settings.codecs);
    this.#rtp.setRemote(remote);
    return this.#describe((local) => answerOf(local, remote));
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

  /** One that differs from the one before has the next version. */
  #describe(write: (local: LocalMedia) => string): string {
    const isChanged = this.#description !== undefined && write(this.#local) !== this.#description;
    if (isChanged) this.#local = { ...this.#local, version: this.#local.version + 1 };
    return (this.#description = write(this.#local));
  }
}
