/** Posts one result to a receiver, with the headers of Standard Webhooks. */
import { Webhook } from 'standardwebhooks';
import { type Dispatcher, request } from 'undici';
import type { CampaignResult, FinalCallRecord } from '../contract';
import { retryAfterMs } from '../retry-after';
import { ForbiddenAddressError } from './networks';

/** A receiver has so long to answer. */
const timeoutMs = 10_000;
/** So much of an answer is read; it is only logged. */
const maxAnswerBytes = 16_384;
/** A receiver that asks for more is asked again after a day. */
const longestWaitMs = 86_400_000;

/** What is posted as Standard Webhooks say: `type` is `call.` or `campaign.` and the final state. */
export interface WebhookEvent {
  readonly type: string;
  /** When the call or campaign ended, ISO 8601. */
  readonly timestamp: string;
  readonly data: FinalCallRecord | CampaignResult;
}

export interface WebhookRequest {
  /** `webhook-id`: the same at every try, so that receivers can tell a repetition. */
  readonly id: string;
  readonly url: string;
  /** Signs the event when given; a Standard Webhooks secret, `whsec_` and base64. */
  readonly secret?: string;
  readonly body: WebhookBody;
  /** Decides which addresses may be reached. */
  readonly dispatcher: Dispatcher;
}

/** A result as it is written. */
export interface WebhookBody {
  readonly contentType: string;
  readonly text: string;
}

/** An event as a body. */
export function eventBody(event: WebhookEvent): WebhookBody {
  return { contentType: 'application/json', text: JSON.stringify(event) };
}

/** A receiver did not take an event. */
export class WebhookError extends Error {
  constructor(
    message: string,
    /** Trying again is of no use: the receiver says so (410), or it may not be posted to. */
    readonly gone: boolean,
    /** How long the receiver asks to be left alone. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
    this.name = 'WebhookError';
  }
}

/** @throws WebhookError unless the receiver answers 2xx within 10 s. Redirects are not followed. */
export async function postWebhook({ id, url, secret, body, dispatcher }: WebhookRequest): Promise<void> {
  const sentAt = new Date();
  const headers = {
    'content-type': body.contentType,
    'user-agent': 'outdial',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1_000)),
    ...(secret !== undefined && { 'webhook-signature': new Webhook(secret).sign(id, sentAt, body.text) }),
  };
  let answer: Dispatcher.ResponseData;
  try {
    answer = await request(url, {
      method: 'POST',
      headers,
      body: body.text,
      signal: AbortSignal.timeout(timeoutMs),
      dispatcher,
    });
    await answer.body.dump({ limit: maxAnswerBytes, signal: AbortSignal.timeout(timeoutMs) });
  } catch (error) {
    const gone = error instanceof ForbiddenAddressError;
    throw new WebhookError(error instanceof Error ? `${error.name}: ${error.message}` : String(error), gone);
  }
  const { statusCode } = answer;
  if (statusCode >= 200 && statusCode < 300) return;
  const asked = retryAfterMs(answer.headers['retry-after']);
  throw new WebhookError(
    `the receiver answered ${statusCode}`,
    statusCode === 410,
    asked === undefined ? undefined : Math.min(asked, longestWaitMs),
  );
}
