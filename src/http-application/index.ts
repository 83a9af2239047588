/** Applications over HTTP: a service is asked what to do with an answered call, and answers in verbs. */
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { invalidSpec } from '../errors';
import { networkSchema } from '../results/networks';
import { parse } from '../spec/validate';
import type { Speech } from '../trunks/trunk';
import type { Application, LiveCall } from '../worker/application';
import { Conversation } from './conversation';
import { Service } from './service';

export type { HttpCall, HttpEvent, HttpQuestion, VerbOutcome } from './question';
export type { HttpAnswer } from './verbs';

/** Options of {@link httpApplication}. */
export interface HttpApplicationOptions {
  /** Signs requests the way of Standard Webhooks: `whsec_` and base64. @defaultValue requests are not signed */
  readonly secret?: string;
  /** The service has so long for an answer, repeated tries included, in milliseconds: 100–30,000. @defaultValue 5000 */
  readonly timeoutMs?: number;
  /** Private networks that the service may be in, CIDR: `10.1.0.0/16`. @defaultValue none: public addresses only */
  readonly networks?: readonly string[];
  /** Speaks what is to be said. @defaultValue the trunk does */
  readonly speech?: Speech;
}

const optionsSchema = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
    .max(2_048)
    .optional(),
  secret: z.string().refine(isSecret, 'must be whsec_ and base64').optional(),
  timeoutMs: z.int().min(100).max(30_000).default(5_000),
  networks: z.array(networkSchema).default([]),
  speech: z.custom<Speech>((value) => typeof value === 'function', 'must be a function').optional(),
});

/**
 * Makes an application of a service: it is asked over HTTP when the callee answers, when the callee type becomes known and when its
 * verbs are done, until no verb is left. docs/guides/http-applications.md has the requests and the verbs.
 *
 * What the service answers as `result` lands in the result of the call. A request that fails, and an answer that is not understood,
 * end the call with an `applicationError`.
 *
 * @param url - where the service is; without it the call's `startUrl` is
 * @throws OutdialError `INVALID_SPEC` that lists every wrong option
 */
export function httpApplication(url: string, options?: HttpApplicationOptions): Application;
export function httpApplication(options?: HttpApplicationOptions): Application;
export function httpApplication(
  where: string | HttpApplicationOptions = {},
  more: HttpApplicationOptions = {},
): Application {
  const given = typeof where === 'string' ? { ...more, url: where } : where;
  const { value, issues } = parse(optionsSchema, given);
  // Not shown: it may be a secret that is wrong.
  if (!value)
    throw invalidSpec(issues.map(({ path, message }) => ({ path, message: message.replace(/ \(is .*$/s, '') })));
  const { url, speech, ...rest } = value;
  const service = new Service(rest);
  return (call) => new Conversation(service, call, url ?? startUrlOf(call), speech).run();
}

function startUrlOf({ startUrl }: LiveCall): string {
  if (startUrl === undefined) throw new Error('the call names no startUrl, and the application has no url');
  return startUrl;
}

function isSecret(secret: string): boolean {
  try {
    return new Webhook(secret) instanceof Webhook;
  } catch {
    return false;
  }
}
