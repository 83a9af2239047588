/** Sound of one call in RTP: a socket, packets out every 20 ms, samples and digits in. RFC 3550, RFC 3551, RFC 4733. */
import { randomInt } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { packets } from 'rtp.js';
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '../../audio/g711';
import { frameSize } from '../../callee-type';
import type { MediaPort } from '../media';
import { payloadTypes, type RemoteMedia } from './remote-media';
import { decodeEvent, digitDuration, encodeEvent, endPackets } from './telephone-event';

/** Ports for RTP, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** What a session reports. */
export interface RtpEvents {
  readonly onAudio: (samples: Int16Array, timestamp: number) => void;
  readonly onDigit: (digit: string) => void;
}

/** Another source is heard once the present one was silent for so long. */
const sourceMs = 2_000;
/** Digits that wait to be sent; more are left out. */
const mostDigits = 100;
/** Silence after a digit: RFC 4733 names 50 ms as the least that receivers must tell. */
const gapFrames = 4;

type Source = Pick<RemoteMedia, 'host' | 'port'>;

interface SendingDigit {
  readonly digit: string;
  /** RTP timestamp of its beginning, which all its packets have. */
  timestamp: number;
  sent: number;
  readonly done: () => void;
}

export class RtpSession implements MediaPort {
  /** When the latest packet came, by `performance.now()`; at first when the session was opened. */
  heardAt = performance.now();
  readonly #socket: Socket;
  readonly #events: RtpEvents;
  #remote: RemoteMedia | undefined;
  #source: Source | undefined;
  /** The first one is being sent. */
  readonly #digits: SendingDigit[] = [];
  /** The event that was reported last, by its timestamp. */
  #eventTimestamp: number | undefined;
  #sequence = randomInt(0x1_0000);
  #timestamp = randomInt(0x1_0000_0000);
  readonly #ssrc = randomInt(0x1_0000_0000);
  #isFirst = true;
  #isClosed = false;

  private constructor(socket: Socket, events: RtpEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.on('message', (packet, from) => this.receive(packet, from));
    // ICMP's port unreachable: nobody listens yet, or any more.
    socket.on('error', () => undefined);
  }

  /**
   * Opens a session on a free port.
   *
   * @throws Error where there is none
   */
  static async open(range: PortRange | undefined, events: RtpEvents): Promise<RtpSession> {
    if (!range) return new RtpSession(await bind(0), events);
    // RTP takes even ports; the odd ones are RTCP's (RFC 3550, 11).
    const ports = Math.floor((range.to - range.from) / 2) + 1;
    const first = randomInt(ports);
    for (let n = 0; n < ports; n++) {
      const socket = await bind(range.from + 2 * ((first + n) % ports)).catch(() => undefined);
      if (socket) return new RtpSession(socket, events);
    }
    throw new Error(`no RTP port is free from ${range.from} to ${range.to}`);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Where to send to from now on. Where that is another place, somebody else is to be heard, too. */
  setRemote(remote: RemoteMedia): void {
    if (!isFrom(this.#remote, remote.host, remote.port)) this.#source = undefined;
    this.#remote = remote;
    this.heardAt = performance.now();
  }

  /** The other side has said that it sends nothing. */
  get isOnHold(): boolean {
    return this.#remote?.direction === 'recvonly' || this.#remote?.direction === 'inactive';
  }

  /** Sends 20 ms, silence where there is no frame: whoever listens wants a steady stream. */
  sendFrame(frame: Int16Array | undefined): void {
    const [digit] = this.#digits;
    if (digit) this.#sendEvent(digit);
    else if (this.#remote) {
      const { codec } = this.#remote;
      const samples = frame ?? silence;
      this.#send(payloadTypes[codec], codec === 'PCMU' ? encodeMuLaw(samples) : encodeALaw(samples), this.#timestamp);
    }
    this.#timestamp = (this.#timestamp + frameSize) >>> 0;
  }

  /** Takes the place of sound for 100 ms and a pause, one after the other. Where the other side takes no digits it is left out. */
  sendDigit(digit: string): Promise<void> {
    const isTaken = this.#remote?.eventPayloadType !== undefined && this.#digits.length < mostDigits;
    if (this.#isClosed || !isTaken) return Promise.resolve();
    return new Promise((done) => {
      this.#digits.push({ digit, timestamp: 0, sent: 0, done });
    });
  }

  /** Takes a packet. What is malformed, or comes from somebody else, is dropped. */
  receive(packet: Uint8Array, from: Pick<RemoteInfo, 'address' | 'port'>): void {
    if (this.#isClosed || !this.#isSource(from)) return;
    try {
      const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
      if (packets.isRtp(view)) this.#take(new packets.RtpPacket(view));
    } catch {
      // Nothing hostile from the network is worth a worker.
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const { done } of this.#digits.splice(0)) done();
    this.#socket.close();
  }

  #take(packet: packets.RtpPacket): void {
    const type = packet.getPayloadType();
    const view = packet.getPayload();
    const payload = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    this.heardAt = performance.now();
    const timestamp = packet.getTimestamp();
    if (type === payloadTypes.PCMU) this.#events.onAudio(decodeMuLaw(payload), timestamp);
    else if (type === payloadTypes.PCMA) this.#events.onAudio(decodeALaw(payload), timestamp);
    else if (type === this.#remote?.eventPayloadType) this.#takeEvent(payload, timestamp);
  }

  /** All packets of a digit have its timestamp. It counts when it is first heard of. */
  #takeEvent(payload: Uint8Array, timestamp: number): void {
    const digit = decodeEvent(payload);
    if (digit === undefined || timestamp === this.#eventTimestamp) return;
    this.#eventTimestamp = timestamp;
    this.#events.onDigit(digit);
  }

  #sendEvent(sending: SendingDigit): void {
    if (sending.sent === 0) sending.timestamp = this.#timestamp;
    const { digit, timestamp, sent, done } = sending;
    const whole = digitDuration / frameSize;
    sending.sent++;
    if (sent < whole + endPackets - 1) {
      const duration = Math.min(digitDuration, (sent + 1) * frameSize);
      const payload = encodeEvent(digit, duration, sent + 1 >= whole);
      if (this.#remote?.eventPayloadType !== undefined)
        this.#send(this.#remote.eventPayloadType, payload, timestamp, sent === 0);
    } else if (sent >= whole + endPackets - 1 + gapFrames) {
      this.#digits.shift();
      done();
    }
  }

  #send(type: number, payload: Uint8Array, timestamp: number, marker = this.#isFirst): void {
    const { host, port, direction } = this.#remote!;
    // On hold: the other side wants to hear nothing.
    if (this.#isClosed || direction === 'sendonly' || direction === 'inactive') return;
    this.#isFirst = false;
    const packet = new packets.RtpPacket();
    packet.setPayloadType(type);
    packet.setSequenceNumber(this.#sequence);
    packet.setTimestamp(timestamp);
    packet.setSsrc(this.#ssrc);
    packet.setMarker(marker);
    packet.setPayload(new DataView(payload.buffer, payload.byteOffset, payload.byteLength));
    packet.serialize();
    const view = packet.getView();
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#socket.send(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), port, host, () => undefined);
  }

  /**
   * Whoever is heard first is heard on, so that nobody else can talk into the call. The address that the other side has named takes over
   * whenever it is heard: who was first may be the network, before the answer.
   */
  #isSource({ address, port }: Pick<RemoteInfo, 'address' | 'port'>): boolean {
    if (isFrom(this.#source, address, port)) return true;
    const isTaken = this.#source !== undefined && performance.now() - this.heardAt < sourceMs;
    if (isTaken && !isFrom(this.#remote, address, port)) return false;
    this.#source = { host: address, port };
    return true;
  }
}

function isFrom(source: Source | undefined, host: string, port: number): boolean {
  return source?.host === host && source.port === port;
}

const silence = new Int16Array(frameSize);

async function bind(port: number): Promise<Socket> {
  const socket = createSocket({ type: 'udp4' });
  try {
    socket.bind(port);
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}
