/** Options of the Twilio trunk, and their checks. */

/** Options of {@link twilioTrunk}. */
export interface TwilioTrunkOptions {
  /** Account that the calls are of: `AC` and 32 hex digits; of a compatible API what stands in its place. */
  readonly accountSid: string;
  /** The account's auth token. Either this or {@link apiKey}. */
  readonly authToken?: string;
  /** An API key of the account, which can be revoked by itself. */
  readonly apiKey?: { readonly sid: string; readonly secret: string };
  /** Where a compatible API is, up to `/2010-04-01`: https, or http on this machine. @defaultValue `https://api.twilio.com` */
  readonly baseUrl?: string;
  /**
   * Where Twilio gets the TwiML of an answered call, or `startUrl`: from the URL that the call names. It gets `outdialCallId` and
   * `outdialAttempt` as query parameters. @defaultValue none: the application talks, within what updates of a call can do
   */
  readonly url?: string;
  /** How Twilio tells who answered, which it charges for. @defaultValue `Enable` */
  readonly machineDetection?: 'Enable' | 'DetectMessageEnd' | 'off';
  /** Detection gives up after so long, and the TwiML starts, in milliseconds: 3,000–59,000. @defaultValue 4000: the engine waits no longer */
  readonly machineDetectionTimeoutMs?: number;
  /** Twilio's voice for what is spoken, such as `Polly.Joanna`. @defaultValue the account's */
  readonly voice?: string;
  /** Language of what is spoken, such as `de-DE`. @defaultValue the voice's */
  readonly language?: string;
  /** What is spoken is taken to last so long a character, as Twilio does not tell when it has ended: 20–1,000. @defaultValue 90 */
  readonly msPerCharacter?: number;
  /** Time between two looks at the live calls, in milliseconds: 20–60,000. @defaultValue 1000 */
  readonly pollMs?: number;
  /** Longest wait for an answer of the API, in milliseconds: 100–60,000. @defaultValue 15000 */
  readonly requestTimeoutMs?: number;
  /** Requests at a time, 1–100. @defaultValue 10 */
  readonly maxRequests?: number;
  /** Told what is wrong with the account or the API; holds no number and no secret. @defaultValue `console.warn` */
  readonly log?: (message: string) => void;
}

/** Options with their defaults. */
export interface TwilioSettings extends Required<
  Omit<TwilioTrunkOptions, 'authToken' | 'apiKey' | 'url' | 'voice' | 'language'>
> {
  /** Of HTTP Basic, `user:password`. */
  readonly credentials: string;
  readonly url: string | undefined;
  readonly voice: string | undefined;
  readonly language: string | undefined;
}

const detections = ['Enable', 'DetectMessageEnd', 'off'] as const;
const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** @throws RangeError, TypeError that names the option */
export function readOptions(options: TwilioTrunkOptions): TwilioSettings {
  const { accountSid, url, machineDetection = 'Enable', voice, language, log = console.warn } = options;
  if (typeof accountSid !== 'string' || !/^[\w-]{1,64}$/.test(accountSid))
    throw new RangeError('accountSid must be the SID of an account: AC and 32 hex digits');
  if (!detections.includes(machineDetection))
    throw new RangeError(`machineDetection must be one of ${detections.join(', ')}, not ${String(machineDetection)}`);
  if (url !== undefined && url !== 'startUrl') httpUrl('url', url);
  return {
    accountSid,
    credentials: credentialsOf(options),
    baseUrl: baseUrlOf(options.baseUrl ?? 'https://api.twilio.com'),
    url,
    machineDetection,
    machineDetectionTimeoutMs: within(
      'machineDetectionTimeoutMs',
      options.machineDetectionTimeoutMs ?? 4_000,
      3_000,
      59_000,
    ),
    voice,
    language,
    msPerCharacter: within('msPerCharacter', options.msPerCharacter ?? 90, 20, 1_000),
    pollMs: within('pollMs', options.pollMs ?? 1_000, 20, 60_000),
    requestTimeoutMs: within('requestTimeoutMs', options.requestTimeoutMs ?? 15_000, 100, 60_000),
    maxRequests: within('maxRequests', options.maxRequests ?? 10, 1, 100),
    log,
  };
}

/** https://www.twilio.com/docs/usage/requests-to-twilio */
function credentialsOf({ accountSid, authToken, apiKey }: TwilioTrunkOptions): string {
  if ((authToken === undefined) === (apiKey === undefined))
    throw new TypeError('authToken or apiKey: give one of the two');
  const user = apiKey ? apiKey.sid : accountSid;
  const password = apiKey ? apiKey.secret : authToken;
  if (!user || user.includes(':') || !password)
    throw new TypeError(apiKey ? 'apiKey needs its sid and its secret' : 'authToken must not be empty');
  return `${user}:${password}`;
}

/** The credentials travel with every request. */
function baseUrlOf(text: string): string {
  const { protocol, hostname, search, hash, href } = httpUrl('baseUrl', text);
  if (protocol === 'http:' && !loopback.includes(hostname))
    throw new RangeError('baseUrl must be https: the credentials travel with every request');
  if (search || hash) throw new RangeError('baseUrl must have no query and no fragment');
  return href.replace(/\/+$/, '');
}

function httpUrl(name: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw new RangeError(`${name} must be an http or https URL`);
  if (url.username || url.password) throw new RangeError(`${name} must hold no credentials`);
  return url;
}

function within(name: string, value: number, min: number, max: number): number {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new RangeError(`${name} must be an integer from ${min} to ${max}, not ${value}`);
  return value;
}
