/** What a codec server is told, in code and in the configuration file: one schema for both. */
import { isIPv4 } from 'node:net';
import { z } from 'zod';

const name = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'a name is 1–100 of A–Z a–z 0–9 _ -');

/** Of the UI that `temporal server start-dev` and `outdial dev` start: a browser sends what stands in its address bar. */
const devOrigins = ['http://localhost:8233', 'http://127.0.0.1:8233'];

/** What stands after `Bearer` (RFC 6750), long enough not to be guessed. */
export const bearerToken = z
  .string()
  .regex(
    /^[A-Za-z0-9._~+/-]{32,}=*$/,
    'must be at least 32 characters of A–Z a–z 0–9 . _ ~ + / - (openssl rand -hex 32)',
  );

const origin = z.string().refine(isOrigin, 'must be an origin without a path, https://temporal.example');

const jwt = z.strictObject({
  /** Where the issuer's public keys are: RFC 7517. */
  jwksUrl: z.string().refine(isSafeUrl, 'must be https, or http on this machine'),
  issuer: z.string().min(1),
  audience: z.string().min(1),
  /** Who is allowed, by `sub`, or by `email` where the issuer has verified it. */
  subjects: z.array(z.string().min(1)).min(1, 'name at least one sub or email: nobody else is allowed'),
});

/** The schema, with bearer tokens of some form. */
export function codecSettings(token: z.ZodType<string>) {
  return z
    .strictObject({
      /** 0: a free one. */
      port: z.number().int().min(0).max(65_535).default(8888),
      host: z.string().min(1).default('127.0.0.1'),
      origins: z.array(origin).default(devOrigins),
      tokens: z.record(name, token).default({}),
      jwt: jwt.optional(),
    })
    .superRefine((settings, context) => {
      if (asksWho(settings) || isLoopback(settings.host)) return;
      const message = 'must be 127.0.0.1, ::1 or localhost unless tokens or jwt say who is allowed';
      context.addIssue({ code: 'custom', path: ['host'], message, input: settings.host });
    });
}

/** What a codec server works with. */
export type CodecSettings = z.output<ReturnType<typeof codecSettings>>;

/** Whether every request must say who asks. */
export function asksWho({ tokens, jwt }: Pick<CodecSettings, 'tokens' | 'jwt'>): boolean {
  return jwt !== undefined || Object.keys(tokens).length > 0;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === text;
}

function isSafeUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}
