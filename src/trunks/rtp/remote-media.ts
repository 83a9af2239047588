/** Whom a session talks to. */

/** Codecs by name, with their static payload types: RFC 3551. */
export const payloadTypes = { PCMU: 0, PCMA: 8 } as const;
/** A codec of ITU-T G.711: PCMU is µ-law, PCMA A-law. */
export type Codec = keyof typeof payloadTypes;

/** What a side of a call does with its sound: RFC 4566. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** Where and how the other side wants its sound. */
export interface RemoteMedia {
  readonly host: string;
  readonly port: number;
  /** Codec to send, and its payload type. */
  readonly codec: Codec;
  /** Payload type of DTMF; undefined where the other side takes none. */
  readonly eventPayloadType: number | undefined;
  /** What the other side does. */
  readonly direction: Direction;
}
