/** The sound of one call: a bridge of its channel with a media channel, whose frames come and go over a WebSocket. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'undici';
import type { AriAnswer, AriChannel, AriClient } from './ari-client';
import type { LegHost } from './leg';

/** Waits before each further try to attach: the callee hears nothing meanwhile. */
const retryMs = [100, 200, 400, 800, 1_600];
/** Variable of a media channel that names its WebSocket. */
const connectionVariable = 'MEDIA_WEBSOCKET_CONNECTION_ID';

/** What is to be attached. */
export interface AudioSetup {
  /** The channel that is answered. Its bridge has the same id. */
  readonly channelId: string;
  /** Name of the recording; absent: none is made. */
  readonly recording?: string;
  /** Takes 16-bit PCM, 8 kHz, as it comes: none comes while the callee's side sends none. */
  readonly onSound: (samples: Int16Array) => void;
  /** Once, at the first time that it is attached. */
  readonly onAttached: () => void;
  /** No way was found to attach it. */
  readonly onFailed: () => void;
}

/** Attaches itself, and again where the WebSocket is lost, until it is closed. No method throws. */
export class CallAudio {
  readonly #ari: AriClient;
  readonly #host: Pick<LegHost, 'ari' | 'discard'>;
  readonly #setup: AudioSetup;
  readonly #closed = new AbortController();
  readonly #attaching: Promise<void>;
  #socket: WebSocket | undefined;
  #wasAttached = false;

  constructor(host: Pick<LegHost, 'ari' | 'discard'>, setup: AudioSetup) {
    this.#ari = host.ari;
    this.#host = host;
    this.#setup = setup;
    this.#attaching = this.#stayAttached();
  }

  /** Sends 160 samples; they are dropped while nothing is attached. */
  send(frame: Int16Array): void {
    if (this.#socket?.readyState === WebSocket.OPEN)
      this.#socket.send(new Uint8Array(frame.buffer, frame.byteOffset, frame.byteLength));
  }

  /** Lets somebody else take part. */
  async join(channelId: string): Promise<boolean> {
    return (await this.#add(channelId)).ok;
  }

  /** The media channel ends with its WebSocket, the bridge is removed. */
  async close(): Promise<void> {
    this.#closed.abort();
    this.#socket?.close();
    // What is being made has to be there before it can be removed.
    await this.#attaching;
    await this.#ari.delete(`/bridges/${this.#setup.channelId}`);
  }

  async #stayAttached(): Promise<void> {
    const { signal } = this.#closed;
    for (let tries = 0; !signal.aborted; tries++) {
      const socket = await this.#attach();
      if (socket) {
        if (!this.#wasAttached) this.#setup.onAttached();
        this.#wasAttached = true;
        tries = -1;
        await closing(socket);
        continue;
      }
      // While Asterisk is out of reach, its calls may still be there when it is back.
      if (this.#ari.problem !== undefined) tries = 0;
      const waitMs = retryMs[tries];
      if (waitMs === undefined) return this.#setup.onFailed();
      await sleep(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** The WebSocket, once sound passes through it; undefined where that can't be had now. */
  async #attach(): Promise<WebSocket | undefined> {
    const { channelId, onSound } = this.#setup;
    const mediaId = `${channelId}-media-${randomBytes(4).toString('hex')}`;
    const [bridge, media] = await Promise.all([
      this.#ari.post(`/bridges/${channelId}`, { type: 'mixing' }),
      this.#ari.post<AriChannel>('/channels/externalMedia', {
        channelId: mediaId,
        app: this.#ari.app,
        external_host: 'INCOMING',
        transport: 'websocket',
        connection_type: 'server',
        encapsulation: 'none',
        format: 'slin',
      }),
    ]);
    const connection = media.body?.channelvars?.[connectionVariable];
    if (connection === undefined) {
      if (media.status === 'lost') this.#host.discard(mediaId);
      return undefined;
    }
    const socket = this.#ari.socket(`/media/${connection}`, {}, ['media']);
    socket.addEventListener('message', ({ data }) => {
      if (data instanceof ArrayBuffer && data.byteLength <= 16_000)
        onSound(new Int16Array(data.slice(0, data.byteLength & ~1)));
    });
    this.#socket = socket;
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.addEventListener('open', () => resolve(true));
      socket.addEventListener('close', () => resolve(false));
    });
    // 409: an earlier process made the bridge, or we did before the WebSocket was lost.
    const isBridged = bridge.ok || bridge.status === 409;
    if (isOpen && isBridged && !this.#closed.signal.aborted && (await this.#add(`${channelId},${mediaId}`)).ok) {
      await this.#record();
      return socket;
    }
    socket.close();
    this.#host.discard(mediaId);
    return undefined;
  }

  #add(channel: string): Promise<AriAnswer> {
    return this.#ari.post(`/bridges/${this.#setup.channelId}/addChannel`, { channel });
  }

  /** Goes on with the recording that an earlier worker began. Refused where it still runs, which is right. */
  async #record(): Promise<void> {
    const { recording: name, channelId } = this.#setup;
    if (name === undefined) return;
    await this.#ari.post(`/bridges/${channelId}/record`, { name, format: 'wav', ifExists: 'append' });
  }
}

function closing(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) resolve();
    else socket.addEventListener('close', () => resolve());
  });
}
