/** What the user of a trunk with RTP sets of it. */
import type { PortRange } from './rtp-session';

/** Where sound in RTP is taken. */
export interface RtpOptions {
  /** IPv4 address that the other side reaches this machine by. @defaultValue that of the interface towards it */
  readonly host?: string;
  /** UDP ports for sound, one for each call, and on SIP one more while it is transferred. @defaultValue any free ones */
  readonly rtpPorts?: PortRange;
}

/** What is wrong with them, by the option's name; undefined where nothing is. */
export function rtpFault({ host, rtpPorts }: RtpOptions): string | undefined {
  if (host !== undefined && !/^\d{1,3}(\.\d{1,3}){3}$/.test(host)) return 'host must be an IPv4 address';
  if (!rtpPorts) return undefined;
  const { from, to } = rtpPorts;
  const isRange = Number.isInteger(from) && Number.isInteger(to) && from >= 1_024 && from <= to && to < 65_536;
  if (isRange && from % 2 === 0) return undefined;
  return 'rtpPorts must be from an even port to a higher one, 1024–65535';
}
