/** The sound of one call: a bridge of its channel with a media channel, whose frames come and go here. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AriAnswer } from './ari-messages';
import type { ExternalMedia, MediaSetup } from './external-media';
import type { LegHost } from './leg';
import type { AsteriskSettings } from './options';
import { openRtpMedia } from './rtp-media';
import { openWebSocketMedia } from './websocket-media';

/** Waits before each further try to attach: the callee hears nothing meanwhile. */
const retryMs = [100, 200, 400, 800, 1_600];

/** What is to be attached. */
export interface AudioSetup extends Pick<MediaSetup, 'onSound'> {
  readonly settings: AsteriskSettings;
  /** The channel that is answered. Its bridge has the same id. */
  readonly channelId: string;
  /** Name of the recording; absent: none is made. */
  readonly recording?: string;
  /** Once, at the first time that it is attached. */
  readonly onAttached: () => void;
  /** No way was found to attach it. */
  readonly onFailed: () => void;
}

type AudioHost = Pick<LegHost, 'ari' | 'discard'>;

/** Attaches itself, and again where sound no longer gets through, until it is closed. No method throws. */
export class CallAudio {
  readonly #host: AudioHost;
  readonly #setup: AudioSetup;
  readonly #bridge: string;
  readonly #closed = new AbortController();
  readonly #attaching: Promise<void>;
  #media: ExternalMedia | undefined;
  #wasAttached = false;

  constructor(host: AudioHost, setup: AudioSetup) {
    this.#host = host;
    this.#setup = setup;
    this.#bridge = `/bridges/${setup.channelId}`;
    this.#attaching = this.#stayAttached();
  }

  /** Sound gets through: as far as is known. */
  get isAttached(): boolean {
    return this.#media !== undefined;
  }

  /** Sends 160 samples, or nothing where nothing is played; dropped while nothing is attached. */
  send(frame: Int16Array | undefined): void {
    this.#media?.send(frame);
  }

  /** Lets somebody else take part. */
  async join(channelId: string): Promise<boolean> {
    return (await this.#add(channelId)).ok;
  }

  /** The media channel and the bridge are removed. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#media?.close();
    // What is being made has to be there before it can be removed.
    await this.#attaching;
    await this.#remove(this.#bridge);
  }

  async #stayAttached(): Promise<void> {
    const { signal } = this.#closed;
    for (let failures = 0; !signal.aborted;) {
      // While Asterisk is out of reach, its calls may still be there when it is back.
      if (this.#host.ari.problem !== undefined) failures = 0;
      else if (await this.#attachOnce()) failures = 0;
      else if (failures++ === retryMs.length) return this.#setup.onFailed();
      await sleep(retryMs[Math.max(0, failures - 1)], undefined, { signal }).catch(() => undefined);
    }
  }

  /** Until sound is lost or it is closed. False where it could not be had. */
  async #attachOnce(): Promise<boolean> {
    const mediaId = `${this.#setup.channelId}-media-${randomBytes(4).toString('hex')}`;
    const media = await this.#open(mediaId);
    const isAttached = media !== undefined && (await this.#add(`${this.#setup.channelId},${mediaId}`)).ok;
    if (isAttached && !this.#closed.signal.aborted) {
      await this.#record();
      this.#media = media;
      if (!this.#wasAttached) this.#setup.onAttached();
      this.#wasAttached = true;
      if (!this.#closed.signal.aborted) await media.lost;
      this.#media = undefined;
    }
    media?.close();
    await this.#remove(`/channels/${mediaId}`);
    return isAttached;
  }

  /** A media channel, and the bridge that it is for. */
  async #open(channelId: string): Promise<ExternalMedia | undefined> {
    const { ari } = this.#host;
    const { settings, onSound } = this.#setup;
    const open = ari.hasWebSocketMedia ? openWebSocketMedia : openRtpMedia;
    const [bridge, media] = await Promise.all([
      ari.post(this.#bridge, { type: 'mixing' }),
      open({ ari, settings, channelId, onSound }),
    ]);
    // 409: an earlier process made it, or we did before sound was lost.
    if (bridge.ok || bridge.status === 409) return media;
    media?.close();
    return undefined;
  }

  #add(channel: string): Promise<AriAnswer> {
    return this.#host.ari.post(`${this.#bridge}/addChannel`, { channel });
  }

  /** Goes on with the recording that an earlier worker began. Refused where it still runs, which is right. */
  async #record(): Promise<void> {
    const { recording: name } = this.#setup;
    if (name !== undefined)
      await this.#host.ari.post(`${this.#bridge}/record`, { name, format: 'wav', ifExists: 'append' });
  }

  async #remove(path: string): Promise<void> {
    const { ok, status } = await this.#host.ari.delete(path);
    if (!ok && status !== 404) this.#host.discard(path);
  }
}
