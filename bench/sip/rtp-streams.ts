/** RTP as its receiver counts it, by source: RFC 3550, A.1. */

/** What became of packets. */
export interface RtpTotals {
  /** By their sequence numbers. */
  readonly expected: number;
  readonly lost: number;
  /** Later than a jitter buffer waits, which is as good as lost: RFC 3611, 4.7.1, has them as discarded. */
  readonly late: number;
}

/** A common jitter buffer; the trunk's own waits as long. */
const jitterMs = 60;

interface Source {
  readonly firstTimestamp: number;
  readonly firstSequence: number;
  /** Sequence numbers passed since the first one, over all wraps. */
  furthest: number;
  received: number;
  late: number;
  /** Of the packet that was fastest, in milliseconds, from an arbitrary zero. */
  leastTransit: number;
}

/** All that a process or a port receives. */
export class RtpStreams {
  readonly #sources = new Map<number, Source>();

  /**
   * Takes a packet of PCMU; what is none is left out.
   *
   * @param at - when it came, in milliseconds
   */
  take(packet: Buffer, at: number): void {
    if (!isSound(packet)) return;
    const [sequence, timestamp, ssrc] = [packet.readUInt16BE(2), packet.readUInt32BE(4), packet.readUInt32BE(8)];
    let source = this.#sources.get(ssrc);
    if (!source) {
      source = {
        firstTimestamp: timestamp,
        firstSequence: sequence,
        furthest: 0,
        received: 0,
        late: 0,
        leastTransit: Infinity,
      };
      this.#sources.set(ssrc, source);
    }
    const ahead = ((sequence - source.firstSequence - source.furthest) << 16) >> 16;
    source.furthest += Math.max(0, ahead);
    source.received++;
    const transit = at - ((timestamp - source.firstTimestamp) | 0) / 8;
    source.leastTransit = Math.min(source.leastTransit, transit);
    if (transit - source.leastTransit > jitterMs) source.late++;
  }

  /** What came since the last time. */
  totals(): RtpTotals {
    const sources = [...this.#sources.values()];
    this.#sources.clear();
    const sum = (of: (source: Source) => number): number => sources.reduce((total, source) => total + of(source), 0);
    const expected = sum(({ furthest }) => furthest + 1);
    return { expected, lost: expected - sum(({ received }) => received), late: sum(({ late }) => late) };
  }
}

/** RTP's version, and payload type 0. */
export function isSound(packet: Buffer): boolean {
  return packet.length > 12 && packet[0]! >> 6 === 2 && (packet[1]! & 0x7f) === 0;
}
