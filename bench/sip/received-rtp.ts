/** Counts the RTP that reaches this process, on whichever socket, without a word to whoever receives it. */
import { Socket } from 'node:dgram';
import { RtpStreams, type RtpTotals } from './rtp-streams';

/** @returns what came since it was asked last */
export function countReceivedRtp(): () => RtpTotals {
  const streams = new RtpStreams();
  const emit = Socket.prototype.emit as (this: Socket, event: string | symbol, ...values: unknown[]) => boolean;
  Socket.prototype.emit = function (this: Socket, event: string | symbol, ...values: unknown[]): boolean {
    // The echo comes as the caller's own packets go: when says nothing about the network.
    if (event === 'message') streams.take(values[0] as Buffer, 0);
    return emit.call(this, event, ...values);
  } as typeof Socket.prototype.emit;
  return () => streams.totals();
}
