/** What an Asterisk trunk is made with. */
import { createHash } from 'node:crypto';
import type { MediaOptions } from '../media';
import { rtpFault, type RtpOptions } from '../rtp/rtp-options';
import type { DialRequest } from '../trunk';

/** Options of the Asterisk trunk. Those of RTP are for an Asterisk without chan_websocket. */
export interface AsteriskTrunkOptions extends MediaOptions, RtpOptions {
  /** Base URL of Asterisk's HTTP server, with the prefix of its http.conf where it has one: `http://10.0.0.5:8088`. */
  readonly url: string;
  /** User of ari.conf. */
  readonly user: string;
  readonly password: string;
  /**
   * What is dialed: `{destination}` becomes the number with its `+`, `{digits}` the number without it.
   *
   * @defaultValue `PJSIP/{destination}@carrier`
   */
  readonly endpoint?: string;
  /**
   * Begins the names of ARI applications and channels. Engines that share an Asterisk need different ones, since their calls may
   * have the same ids.
   *
   * @defaultValue `outdial`
   */
  readonly app?: string;
  /**
   * Records answered calls, both sides, as `<recordingName>.wav` in Asterisk's recording folder. PCI calls never are.
   *
   * @defaultValue false
   */
  readonly record?: boolean;
}

/** How long things may take. Tests have no time. */
export interface AsteriskTimes {
  /** Every request, from connecting to the last byte. Asterisk answers in milliseconds or not at all. */
  readonly requestMs: number;
  /** How often it is looked whether requests, events and sound still come through. */
  readonly lookMs: number;
  /** An Asterisk that is gone so long has taken its calls with it. */
  readonly givenUpMs: number;
}

const usualTimes: AsteriskTimes = { requestMs: 5_000, lookMs: 10_000, givenUpMs: 60_000 };

/** Options, checked, with defaults. */
export interface AsteriskSettings extends AsteriskTrunkOptions {
  readonly endpoint: string;
  readonly app: string;
  readonly record: boolean;
  readonly times: AsteriskTimes;
}

/** @throws TypeError that names the option */
export function readOptions(options: AsteriskTrunkOptions, times: Partial<AsteriskTimes> = {}): AsteriskSettings {
  const settings = {
    endpoint: 'PJSIP/{destination}@carrier',
    app: 'outdial',
    record: false,
    ...options,
    times: { ...usualTimes, ...times },
  };
  const { url, user, password, endpoint, app } = settings;
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new TypeError('url must be an http or https URL: http://127.0.0.1:8088');
  if (new URL(url).username !== '') throw new TypeError('url must have no user: use the options user and password');
  if (!/^[^:\s]+$/.test(user)) throw new TypeError('user must be a name without colon, as ari.conf has it');
  if (password === '') throw new TypeError('password must not be empty');
  if (!/^[A-Za-z]+\/[^\s,&]*\{(destination|digits)\}[^\s,&]*$/.test(endpoint))
    throw new TypeError(
      'endpoint must be one endpoint that names {destination} or {digits}: PJSIP/{destination}@carrier',
    );
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(app)) throw new TypeError('app must be 1–40 of A–Z a–z 0–9 _ -');
  const fault = rtpFault(settings);
  if (fault !== undefined) throw new TypeError(fault);
  return settings;
}

/**
 * Id of a dial's channel, the same at every try, so that Asterisk itself takes one dial for it. It tells neither the call's id nor
 * the number.
 */
export function channelId(app: string, { callId, attempt }: Pick<DialRequest, 'callId' | 'attempt'>): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([app, callId, attempt]))
    .digest('hex');
  return `${app}-${hash.slice(0, 32)}`;
}

/** Name of an answered call's recording, without `.wav`. @param app - the trunk's option, where it has one */
export function recordingName(callId: string, attempt: number, app = 'outdial'): string {
  return channelId(app, { callId, attempt });
}

/** What Asterisk is asked to dial. */
export function endpointOf(template: string, destination: string): string {
  return template.replace('{destination}', destination).replace('{digits}', destination.replace('+', ''));
}

/** Path of the endpoint that a template dials through, `PJSIP/carrier`; undefined where it names none, or dials into the dialplan. */
export function endpointPath(template: string): string | undefined {
  if (template.startsWith('Local/')) return undefined;
  return template.replace(/^([A-Za-z]+)\/.*@([^@/]+)$/, '$1/$2').match(/^[A-Za-z]+\/[\w-]+$/)?.[0];
}
