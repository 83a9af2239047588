/** Keeps final records, and delivers them. */
import { Context } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import {
  type CampaignResult,
  type Delivery,
  type DeliveryInput,
  deliveryWorkflowId,
  type FinalCallRecord,
  type Posted,
  type PostResultInput,
  taskQueuesOf,
} from '../src/contract';
import { bodyOfCall } from '../src/results/format';
import { eventBody, postWebhook, type WebhookBody, WebhookError } from '../src/results/webhook';
import { allowsUrl } from '../src/spec/allowed-url';
import type { CampaignEntry, Store } from '../src/store/store';
import type { ActivityDeps } from './deps';
import { endOf } from './read-call-log';

/** A result as it is delivered. */
interface Post {
  readonly subject: DeliveryInput;
  readonly queue: string;
  readonly isPci: boolean;
  readonly id: string;
  readonly body: WebhookBody;
  readonly url?: string;
  readonly secret?: string;
  readonly delivery?: Delivery;
  /** When what it tells of had ended. */
  readonly endedAt: number;
}

export type ResultActivities = ReturnType<typeof createResultActivities>;

export function createResultActivities(deps: ActivityDeps) {
  const { store } = deps;
  return {
    /** Keeps the final record, then tries to deliver it; hands over to a `delivery` workflow after the first minute. */
    async postResult(input: PostResultInput): Promise<Posted> {
      if ('campaign' in input) return oneTry(deps, await campaignPost(deps, input.campaign));
      const standing = await store.records.saveCall(input.call);
      const delivery = await oneTry(deps, callPost(standing));
      return standing === input.call ? delivery : { ...delivery, end: endOf(standing) };
    },

    /** One try of a `delivery` workflow. Delivers again what was delivered before: that is what redelivery asks for. */
    async deliver(input: DeliveryInput): Promise<Delivery> {
      const post = await load(store, input);
      if (!post) throw ApplicationFailure.nonRetryable('there is no record of it', 'NotFound');
      return send(deps, post).catch((error: WebhookError) => {
        throw error.gone ? ApplicationFailure.nonRetryable(error.message, 'Gone') : retryable(error);
      });
    },

    /** Marks a result as undelivered. */
    async giveUpDelivery({ error, ...subject }: DeliveryInput & { error: string }): Promise<Delivery> {
      const undelivered = await saveDelivery(store, subject, { state: 'undelivered', at: await deps.now(), error });
      const post = await load(store, subject);
      if (post) deps.metrics.undelivered(post.queue);
      return undelivered;
    },
  };
}

/** One try, of those of the first minute. */
function oneTry(deps: ActivityDeps, post: Post): Promise<Delivery> {
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
  const lastTry = currentAttemptScheduledTimestampMs - scheduledTimestampMs >= deps.resultTryMs;
  return tryDelivery(deps, post, (error) => {
    if (!lastTry && maySoonTakeIt(error)) throw retryable(error);
  });
}

/** The first try, by the dial itself. Answers nothing where `postResult` is to go on at once. */
export async function deliverOnce(deps: ActivityDeps, post: Post): Promise<Delivery | undefined> {
  try {
    return await tryDelivery(deps, post, (error) => {
      if (deps.resultTryMs > 0 && maySoonTakeIt(error)) throw error;
    });
  } catch {
    return undefined;
  }
}

/** A wait that the receiver asks for is the `delivery` workflow's: nothing is held open for it. */
function maySoonTakeIt(error: WebhookError): boolean {
  return !error.gone && error.retryAfterMs === undefined;
}

/**
 * Delivers a record that is kept already, or leaves it to a `delivery` workflow.
 *
 * @param onFailure - may throw to try again itself
 */
export async function tryDelivery(
  deps: ActivityDeps,
  post: Post,
  onFailure: (error: WebhookError) => void = () => undefined,
): Promise<Delivery> {
  // A crash between the receiver's answer and ours would otherwise post twice.
  if (post.delivery?.state === 'delivered') return post.delivery;
  try {
    return await send(deps, post);
  } catch (error) {
    onFailure(error as WebhookError);
    return leaveToWorkflow(deps, post, error as WebhookError);
  }
}

/** Starts a workflow that goes on delivering for three days. */
export async function leaveToWorkflow(deps: ActivityDeps, post: Post, error: WebhookError): Promise<Delivery> {
  const { message, retryAfterMs } = error;
  const pending = await saveDelivery(deps.store, post.subject, {
    state: 'pending',
    at: await deps.now(),
    error: message,
  });
  const subject = post.subject.callId ?? post.subject.campaignId!;
  try {
    await Context.current().client.workflow.start('delivery', {
      workflowId: deliveryWorkflowId(post.id),
      taskQueue: taskQueuesOf(deps.isPci).calls,
      args: [post.subject],
      ...(retryAfterMs && { startDelay: retryAfterMs }),
      staticSummary: `result of ${subject}`,
    });
  } catch (failure) {
    if (!(failure instanceof WorkflowExecutionAlreadyStartedError)) throw failure;
  }
  return pending;
}

export function callPost(record: FinalCallRecord): Post {
  const { delivery, resultUrl, resultSecret } = record;
  return {
    subject: { callId: record.callId },
    queue: record.queue,
    isPci: record.isPci === true,
    id: record.callId,
    body: bodyOfCall(record),
    url: resultUrl,
    secret: resultSecret,
    delivery,
    endedAt: record.endedAt,
  };
}

async function campaignPost({ store, traces }: ActivityDeps, result: CampaignResult): Promise<Post> {
  const known = await store.records.campaign(result.campaignId);
  if (!known) throw new Error(`the store has no entry of campaign ${result.campaignId}`);
  const entry: CampaignEntry = { ...known, result: known.result ?? result };
  await store.records.saveCampaign(entry);
  if (!known.result) traces?.campaignEnded(result, entry.plan.queue);
  return postOfCampaign(entry)!;
}

function postOfCampaign({ campaignId, plan, result, delivery }: CampaignEntry): Post | undefined {
  return (
    result && {
      subject: { campaignId },
      queue: plan.queue,
      isPci: plan.isPci,
      id: `campaign.${campaignId}`,
      body: eventBody({
        type: `campaign.${result.state}`,
        timestamp: new Date(result.endedAt).toISOString(),
        data: result,
      }),
      // The Plum platform posts results of calls only.
      ...(plan.resultFormat === undefined && { url: plan.resultUrl }),
      secret: plan.resultSecret,
      delivery,
      endedAt: result.endedAt,
    }
  );
}

async function load(store: Store, { callId, campaignId }: DeliveryInput): Promise<Post | undefined> {
  if (callId !== undefined) {
    const record = await store.records.call(callId);
    return record && callPost(record);
  }
  const entry = await store.records.campaign(campaignId!);
  return entry && postOfCampaign(entry);
}

async function send(deps: ActivityDeps, post: Post): Promise<Delivery> {
  const { subject, id, body, url, secret } = post;
  if (url === undefined) return { state: 'none' };
  if (!(await mayPost(deps, post, url))) throw new WebhookError('resultUrl is not allowed for PCI calls', true);
  const key = secret === undefined ? undefined : deps.secrets[secret];
  if (secret !== undefined && key === undefined) throw new WebhookError(`this worker knows no secret ${secret}`, false);
  const { dispatcher, metrics, traces } = deps;
  const posted = { ...subject, queue: post.queue };
  const startedAt = Date.now();
  try {
    await postWebhook({ id, url, body, dispatcher, ...(key !== undefined && { secret: key }) });
  } catch (error) {
    metrics.deliveryFailed(post.queue);
    traces?.resultPosted(posted, startedAt, (error as WebhookError).message);
    throw error;
  }
  traces?.resultPosted(posted, startedAt);
  const delivered = await saveDelivery(deps.store, subject, { state: 'delivered', at: await deps.now() });
  // A redelivery is not another one.
  if (post.delivery?.state !== 'delivered') metrics.delivered(post.queue, delivered.at! - post.endedAt);
  return delivered;
}

/** PCI calls are reported where their queue allows it, whoever asked for it. */
async function mayPost({ isPci, store }: ActivityDeps, post: Post, url: string): Promise<boolean> {
  if (!isPci && !post.isPci) return true;
  const rules = (await store.board.queue(post.queue))?.pci;
  return isPci && rules !== undefined && allowsUrl(rules, url);
}

async function saveDelivery(
  store: Store,
  { callId, campaignId }: DeliveryInput,
  delivery: Delivery,
): Promise<Delivery> {
  if (callId !== undefined) {
    await store.records.saveDelivery(callId, delivery);
  } else {
    const entry = await store.records.campaign(campaignId!);
    if (entry) await store.records.saveCampaign({ ...entry, delivery });
  }
  return delivery;
}

/** Temporal tries again, no sooner than the receiver asks. */
function retryable(error: WebhookError): ApplicationFailure {
  return ApplicationFailure.create({
    type: 'ReceiverFailed',
    message: error.message,
    category: ApplicationFailureCategory.BENIGN,
    ...(error.retryAfterMs !== undefined && { nextRetryDelay: error.retryAfterMs }),
  });
}
