/** Options of the SIP trunk, and what is made of them. */
import type { MediaOptions } from '../media';
import type { SipAddress } from './channel';
import { rtpFault, type RtpOptions } from '../rtp/rtp-options';
import type { Codec } from '../rtp/remote-media';

/** Options of the SIP trunk. Times in milliseconds. */
export interface SipTrunkOptions extends MediaOptions, RtpOptions {
  /**
   * Where calls are sent: `sip:host`, with `:port` (5060) and `;transport=tcp` (UDP). Each further one takes over while those before it
   * are down.
   */
  readonly servers: readonly string[];
  /** A proxy that all requests go through, written as a server is. It is the one that is connected to then. */
  readonly outboundProxy?: string;
  /** For digest authentication, with {@link password}. */
  readonly username?: string;
  readonly password?: string;
  /** Host part of the caller's and the callee's addresses. @defaultValue host of the server */
  readonly domain?: string;
  /** Codecs in order of preference. @defaultValue PCMU, PCMA */
  readonly codecs?: readonly Codec[];
  /** A callee of whom nothing is heard for so long is gone, and the call is ended; 0 for never. @defaultValue 60000 */
  readonly rtpTimeoutMs?: number;
  /**
   * Servers are asked by OPTIONS so often whether they are there, and after an INVITE that was left without any answer for 4 s; 0 for
   * never: a server is then down while it refuses the connection, and for 30 s after such an INVITE. @defaultValue 30000
   */
  readonly keepAliveMs?: number;
}

/** A server, and how it is reached. */
export interface SipServer {
  /** As requests name it. */
  readonly address: SipAddress;
  /** What is connected to. */
  readonly via: SipAddress;
  /** The proxy as a Route header has it. */
  readonly route?: string;
}

/** Options with their defaults. */
export interface SipSettings extends RtpOptions {
  readonly servers: readonly SipServer[];
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly domain?: string;
  readonly codecs: readonly Codec[];
  readonly rtpTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly media: MediaOptions;
}

/** @throws RangeError that names the option that is wrong, and how it is written */
export function readOptions(options: SipTrunkOptions): SipSettings {
  const { servers, outboundProxy, username, password, domain, host, rtpPorts, speech, calleeType } = options;
  const { codecs = ['PCMU', 'PCMA'], rtpTimeoutMs = 60_000, keepAliveMs = 30_000 } = options;
  check(servers.length > 0, 'servers', 'must name at least one: sip:host');
  check((username === undefined) === (password === undefined), 'username', 'and password belong together');
  check(codecs.length > 0 && codecs.every((codec) => ['PCMU', 'PCMA'].includes(codec)), 'codecs', 'are PCMU and PCMA');
  const rtp = rtpFault(options);
  if (rtp !== undefined) throw new RangeError(rtp);
  check(domain === undefined || /^[A-Za-z0-9.-]+$/.test(domain), 'domain', 'must be a host name');
  check(rtpTimeoutMs >= 0 && rtpTimeoutMs < 2 ** 31, 'rtpTimeoutMs', 'must be 0 or more');
  const isRhythm = keepAliveMs === 0 || (keepAliveMs >= 100 && keepAliveMs < 2 ** 31);
  check(isRhythm, 'keepAliveMs', 'must be 100 or more, or 0 for never');
  const proxy = outboundProxy === undefined ? undefined : addressOf(outboundProxy, 'outboundProxy');
  return {
    servers: servers.map((server, n) => {
      const address = addressOf(server, `servers.${n}`);
      return proxy ? { address, via: proxy, route: `<${uriOf(proxy, ';lr')}>` } : { address, via: address };
    }),
    ...(username !== undefined && password !== undefined && { credentials: { username, password } }),
    ...(domain !== undefined && { domain }),
    ...(host !== undefined && { host }),
    ...(rtpPorts && { rtpPorts }),
    codecs,
    rtpTimeoutMs,
    keepAliveMs,
    media: { ...(speech && { speech }), ...(calleeType && { calleeType }) },
  };
}

function addressOf(text: string, option: string): SipAddress {
  const found = /^sip:([A-Za-z0-9.-]+)(?::(\d{1,5}))?(?:;transport=(udp|tcp))?$/i.exec(text);
  const port = Number(found?.[2] ?? 5_060);
  check(found !== null && port > 0 && port < 65_536, option, 'must be sip:host[:port][;transport=udp|tcp]');
  return { host: found![1]!, port, transport: (found![3] ?? 'udp').toLowerCase() as SipAddress['transport'] };
}

function uriOf({ host, port, transport }: SipAddress, parameters: string): string {
  return `sip:${host}:${port}${transport === 'tcp' ? ';transport=tcp' : ''}${parameters}`;
}

function check(isRight: boolean, option: string, rule: string): void {
  if (!isRight) throw new RangeError(`${option} ${rule}`);
}
