/** Offers and answers of one audio stream: RFC 3264 and RFC 4566. */
import { isIPv4 } from 'node:net';
import { parse, type SessionDescription, write } from 'sdp-transform';
import { type Codec, type Direction, payloadTypes, type RemoteMedia } from '../rtp/remote-media';

/** Payload type of DTMF in offers; any from 96 would do. */
const eventPayloadType = 101;

/** This side's. */
export interface LocalMedia {
  readonly host: string;
  readonly port: number;
  /** In order of preference. */
  readonly codecs: readonly Codec[];
  /** One more with each change: RFC 3264, 8. @defaultValue 1 */
  readonly version?: number;
}

/** What this side offers. */
export function offerOf(local: LocalMedia): string {
  return describe(local, eventPayloadType, 'sendrecv');
}

/** What this side answers an offer with, of which it has taken `remote`. */
export function answerOf(local: LocalMedia, remote: RemoteMedia): string {
  const mirrored = { sendrecv: 'sendrecv', sendonly: 'recvonly', recvonly: 'sendonly', inactive: 'inactive' } as const;
  return describe({ ...local, codecs: [remote.codec] }, remote.eventPayloadType, mirrored[remote.direction]);
}

/**
 * Reads the other side's description.
 *
 * @param codecs - those that this side knows
 * @throws Error where it has no audio that this side knows
 */
export function readSdp(text: string, codecs: readonly Codec[]): RemoteMedia {
  const sdp = parse(text);
  const audio = sdp.media.find(({ type, port }) => type === 'audio' && port > 0 && port < 65_536);
  const host = (audio?.connection ?? sdp.connection)?.ip;
  if (!audio || !host || !isIPv4(host)) throw new Error('there is no audio over IPv4');
  const offered = String(audio.payloads ?? '')
    .split(' ')
    .map(Number);
  const codec = offered
    .map((type) => codecs.find((name) => payloadTypes[name] === type))
    .find((name) => name !== undefined);
  if (!codec) throw new Error(`there is no common codec: ${codecs.join(', ')}`);
  const event = audio.rtp?.find(
    ({ payload, codec: name, rate }) => isDynamic(payload) && /^telephone-event$/i.test(name) && rate === 8_000,
  );
  // An address of zeros is how RFC 2543 put a call on hold.
  const direction = host === '0.0.0.0' ? 'inactive' : (audio.direction ?? sdp.direction ?? 'sendrecv');
  return { host, port: audio.port, codec, eventPayloadType: event?.payload, direction: direction as Direction };
}

/** Payload types without a codec of their own: RFC 3551, 6. A number too long for one is read as text. */
function isDynamic(payload: unknown): boolean {
  return typeof payload === 'number' && payload >= 96 && payload <= 127;
}

function describe(local: LocalMedia, event: number | undefined, direction: Direction): string {
  const { host, port, codecs, version = 1 } = local;
  const types = codecs.map((codec) => payloadTypes[codec] as number);
  const description: SessionDescription = {
    version: 0,
    origin: { username: '-', sessionId: port, sessionVersion: version, netType: 'IN', ipVer: 4, address: host },
    name: '-',
    connection: { version: 4, ip: host },
    timing: { start: 0, stop: 0 },
    media: [
      {
        type: 'audio',
        port,
        protocol: 'RTP/AVP',
        payloads: [...types, ...(event === undefined ? [] : [event])].join(' '),
        rtp: [
          ...codecs.map((codec) => ({ payload: payloadTypes[codec], codec, rate: 8_000 })),
          ...(event === undefined ? [] : [{ payload: event, codec: 'telephone-event', rate: 8_000 }]),
        ],
        fmtp: event === undefined ? [] : [{ payload: event, config: '0-15' }],
        ptime: 20,
        direction,
      },
    ],
  };
  return write(description);
}
