/** The `gateway` section of the configuration file. */
import { z } from 'zod';
import { networkSchema } from '../results/networks';
import { baseUrl } from '../spec/allowed-url';
import { hashSchema } from './credentials';

const name = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'a name is 1–100 of A–Z a–z 0–9 _ -');
/** Begins all ids of the account, up to the first `_`. */
const accountName = z.string().regex(/^[A-Za-z0-9-]{1,32}$/, 'an account is named by 1–32 of A–Z a–z 0–9 -');

const account = z.strictObject({
  /** User of HTTP Basic, and `login` of the DEV API. */
  login: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[^:]+$/, 'must not have a colon: it is the user of HTTP Basic'),
  /** Password of HTTP Basic, hashed. Absent: the account has no Fuse and no native API. */
  key: hashSchema.optional(),
  /** `pin` of the DEV API, hashed. Absent: the account has no DEV API. */
  pin: hashSchema.optional(),
  /** The first one takes the calls of the DEV API. */
  deployments: z.array(name).min(1),
  /** May queue PCI calls. */
  pci: z.boolean().default(false),
});

const deployment = z.strictObject({
  /** Queue whose lines dial. */
  queue: name,
  /** What runs where a request names no start URL. */
  application: z.string().min(1).max(100).optional(),
  /** Caller ID where a request names none. */
  ani: z.string().min(1).max(32).optional(),
  country: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be an ISO 3166 country of two capital letters, US')
    .default('US'),
  /** Application and deployment number of the Fuse API: `41/97`. */
  fuse: z
    .string()
    .regex(/^\d{1,9}\/\d{1,9}$/, 'must be two numbers, 41/97')
    .optional(),
  /** Which application runs for which start URLs. */
  startUrls: z.array(z.strictObject({ under: baseUrl, application: z.string().min(1).max(100) })).default([]),
  /** Name of the secret that signs native results. */
  resultSecret: name.optional(),
});

const limits = z.strictObject({
  /** Requests that queue one call, of an account in `windowMs`. */
  singleCalls: z.number().int().min(1).max(1_000_000).default(60),
  windowMs: z.number().int().min(1_000).max(86_400_000).default(60_000),
  /** Counts single calls over all gateways: `redis://…`. Absent: each gateway counts by itself. */
  redis: z.url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// URL' }).optional(),
  /** Uploads of an account at a time. */
  openUploads: z.number().int().min(1).max(100).default(4),
  /** Streams of events of an account at a time. */
  openStreams: z.number().int().min(1).max(10_000).default(100),
  uploadBytes: z.number().int().min(1_024).default(268_435_456),
  /** Largest body of any other request. */
  bodyBytes: z.number().int().min(1_024).max(16_777_216).default(1_048_576),
  /** A request that is not whole by then is ended. */
  requestMs: z.number().int().min(1_000).default(60_000),
  /** An upload that is not whole by then is ended. */
  uploadMs: z.number().int().min(1_000).default(3_600_000),
});

/** Settings of a gateway. */
export const gatewaySettings = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1'),
    /** 0: a free one. */
    port: z.number().int().min(0).max(65_535).default(8_080),
    /** What clients reach the gateway by, for links. Absent: its own address. */
    publicUrl: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    /** Reverse proxies, CIDR, whose `X-Forwarded-For` is believed: who has not said yet who it is, is counted by address. */
    trustedProxies: z.array(networkSchema).default([]),
    /** Who may ask. None: anybody on this machine. */
    accounts: z.record(accountName, account).default({}),
    /** Absent: each queue is a deployment of its name, without defaults. */
    deployments: z.record(name, deployment).default({}),
    /** IANA zone of natural times that name none. */
    timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone, America/New_York').default('UTC'),
    /** Ask the DEV API's start and result URLs for 200 before queueing. */
    probeUrls: z.boolean().default(true),
    /** Private networks that probes may reach, CIDR. */
    networks: z.array(networkSchema).default([]),
    limits: limits.prefault({}),
  })
  .superRefine(({ accounts, deployments, host }, context) => {
    const names = Object.keys(deployments);
    const logins = new Set<string>();
    for (const [owner, { deployments: used, login }] of Object.entries(accounts)) {
      used.forEach((deployment, index) => {
        if (names.includes(deployment)) return;
        const message = `there is no deployment ${deployment}; known: ${names.join(', ') || 'none'}`;
        context.addIssue({ code: 'custom', path: ['accounts', owner, 'deployments', index], message });
      });
      if (logins.has(login))
        context.addIssue({ code: 'custom', path: ['accounts', owner, 'login'], message: 'another account has it' });
      logins.add(login);
    }
    const fuse = new Set<string>();
    for (const [deployment, { fuse: numbers }] of Object.entries(deployments)) {
      if (numbers === undefined) continue;
      if (fuse.has(numbers))
        context.addIssue({ code: 'custom', path: ['deployments', deployment, 'fuse'], message: 'another one has it' });
      fuse.add(numbers);
    }
    if (Object.keys(accounts).length === 0 && !['127.0.0.1', '::1', 'localhost'].includes(host)) {
      const message = 'without accounts only this machine may ask: name accounts, or 127.0.0.1';
      context.addIssue({ code: 'custom', path: ['host'], message });
    }
  });

/** Settings of a gateway as they are written. */
export type GatewayOptions = z.input<typeof gatewaySettings>;
/** Settings of a gateway, with defaults. */
export type GatewaySettings = z.output<typeof gatewaySettings>;
/** A deployment: its queue, and what its calls have where a request says nothing. */
export type DeploymentSettings = GatewaySettings['deployments'][string];

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}
