/** What a backend service uses: start campaigns, queue calls, and look after them. Never loads the worker. */
import { Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { readConfig } from '../config';
import { intake } from '../contacts/intake';
import {
  callTaskQueue,
  callWorkflowId,
  campaignTaskQueue,
  campaignWorkflowId,
  type CallInput,
  type CampaignInput,
} from '../contract';
import { sealed, sealingConverter } from '../encryption';
import { KeyRing, type KeyRingOptions } from '../encryption/key-ring';
import { otherCopy, OutdialError } from '../errors';
import { ensureSearchAttributes } from '../search-attributes';
import type { CallSpec, CampaignSpec, ValidCampaignSpec } from '../spec/schema';
import { type Validated, validateCall, validateCampaign } from '../spec/validate';
import { fileStore } from '../store/file-store';
import type { Store } from '../store/store';
import { callAttributes, campaignStartAttributes } from './attributes';
import { CallHandle } from './call-handle';
import {
  CampaignHandle,
  type CallSource,
  type IntakeRules,
  type StartedCampaign,
  type StartOptions,
} from './campaign-handle';

/** What {@link Outdial} works with. */
export interface OutdialOptions {
  /** The host's own Temporal client. */
  readonly client: Client;
  /**
   * What is shared with the workers: lists of calls, final records, queue settings.
   * @defaultValue files in `OUTDIAL_DATA_DIR`, else in the user's data folder
   */
  readonly store?: Store;
  /** The workers' keys, where they seal. */
  readonly encryption?: KeyRingOptions;
  /** The Temporal server's clock where it is not the machine's: tests that skip time. @defaultValue `Date.now` */
  readonly now?: () => number | Promise<number>;
}

/** Starts campaigns and queues calls. Holds nothing but the client and the store; make as many as you like. */
export class Outdial {
  /** As given, or one that seals. */
  readonly client: Client;
  /** As given or the default one; sealed, where there are keys. */
  readonly store: Store;
  private readonly now: () => number | Promise<number>;
  private ready: Promise<void> | undefined;

  /** @throws OutdialError `TEMPORAL` when the client is of another copy of `@temporalio/client` than outdial's */
  constructor({ client, store, encryption, now = Date.now }: OutdialOptions) {
    if (!(client instanceof Client)) throw otherCopy('client', '@temporalio/client');
    const keyRing = encryption && new KeyRing(encryption);
    this.client = keyRing ? sealingClient(client, keyRing) : client;
    this.now = now;
    this.store = sealed(store ?? fileStore(readConfig().dataDir), keyRing);
  }

  /**
   * Starts a campaign. Starting again with the same id and spec answers with the running one, and takes no calls.
   *
   * @param calls - up to 1,000,000; read once, streamed into the store
   * @throws OutdialError `INVALID_SPEC`, `INVALID_LIST`, `CONFLICT` (the id runs with another spec), `ALREADY_ENDED`
   */
  async startCampaign(spec: CampaignSpec, calls: CallSource, options: StartOptions = {}): Promise<StartedCampaign> {
    await this.prepare();
    const queues = await this.store.board.queues();
    const validated = validateCampaign(spec, await this.now(), queues);
    const running = await this.running(validated);
    if (running) return running;
    const rules = await this.rulesOf(validated);
    const { keepOpen } = validated.spec;
    const list = await intake(this.store.contacts, validated.spec.campaignId, calls, {
      ...rules,
      allowEmpty: keepOpen,
      ...options,
    });
    const { campaignId, queue } = validated.spec;
    try {
      await this.client.workflow.start('campaign', {
        workflowId: campaignWorkflowId(campaignId),
        taskQueue: campaignTaskQueue,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [{ ...validated.spec, list: list.list } satisfies CampaignInput],
        memo: { specHash: validated.hash },
        typedSearchAttributes: campaignStartAttributes(campaignId, queue),
        staticSummary: `${list.count} calls on queue ${queue}`,
      });
    } catch (error) {
      // Where only the answer was lost, the list is the campaign's.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Somebody else started it meanwhile.
      await this.store.contacts.discard(campaignId, list.list);
      const other = await this.running(validated);
      if (other) return other;
      throw error;
    }
    const handle = new CampaignHandle(this.client, this.store, campaignId, rules);
    return Object.assign(handle, {
      warnings: validated.warnings,
      intake: list,
      alreadyRunning: false,
    });
  }

  /** A campaign that was started before, here or elsewhere. */
  campaign(campaignId: string): CampaignHandle {
    return new CampaignHandle(this.client, this.store, campaignId);
  }

  /**
   * Queues one call with a window of its own. Queueing again with the same `callId` and spec answers with the first.
   *
   * @throws OutdialError `INVALID_SPEC`, `CONFLICT`, `ALREADY_ENDED`
   */
  async queueCall(spec: CallSpec): Promise<CallHandle & { readonly warnings: readonly string[] }> {
    await this.prepare();
    const queues = await this.store.board.queues();
    const { plan, window, contact, hash, warnings } = validateCall(spec, await this.now(), queues);
    const queue = queues.find((info) => info.queue === plan.queue);
    const input: CallInput = { plan, window, contact, heartbeatTimeoutMs: queue?.heartbeatTimeoutMs ?? 30_000 };
    const handle = Object.assign(this.call(contact.callId), { warnings });
    try {
      await this.client.workflow.start('call', {
        workflowId: callWorkflowId(contact.callId),
        taskQueue: callTaskQueue,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [input],
        memo: { specHash: hash, gate: { expiresAt: window.expiresAt } },
        typedSearchAttributes: callAttributes(plan.queue),
        priority: { priorityKey: plan.priority },
        staticSummary: `call on queue ${plan.queue}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await this.sameAsRunning(callWorkflowId(contact.callId), `call ${contact.callId}`, hash);
    }
    return handle;
  }

  /** A call, of a campaign or standalone. */
  call(callId: string): CallHandle {
    return new CallHandle(this.client, this.store, callId);
  }

  /** Workflows that carry unknown search attributes can't be started. */
  private prepare(): Promise<void> {
    this.ready ??= ensureSearchAttributes(this.client.connection, this.client.options.namespace).catch(
      (error: unknown) => {
        this.ready = undefined;
        throw error;
      },
    );
    return this.ready;
  }

  /** The running campaign of this id and spec; undefined when the id is free. */
  private async running({
    spec: { campaignId },
    hash,
    warnings,
  }: Validated<ValidCampaignSpec>): Promise<StartedCampaign | undefined> {
    const known = await this.sameAsRunning(campaignWorkflowId(campaignId), `campaign ${campaignId}`, hash);
    if (known) return Object.assign(this.campaign(campaignId), { warnings, intake: undefined, alreadyRunning: true });
    // Temporal forgets a campaign after its retention; the store does not.
    if (await this.store.records.campaign(campaignId)) throw ended(`campaign ${campaignId}`);
    return undefined;
  }

  /** False when Temporal knows no workflow of the id. */
  private async sameAsRunning(workflowId: string, what: string, hash: string): Promise<boolean> {
    try {
      const { status, memo } = await this.client.workflow.getHandle(workflowId).describe();
      if (status.name !== 'RUNNING') throw ended(what);
      if (memo?.['specHash'] !== hash) throw new OutdialError('CONFLICT', `${what} is running with another spec`);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** How rows of the campaign's lists are read. */
  private async rulesOf({ spec, plan }: Validated<ValidCampaignSpec>): Promise<IntakeRules> {
    const { country, duplicates } = spec;
    const callerIds = (await this.store.board.queue(plan.queue))?.callerIds;
    return { country, duplicates, ...(callerIds && { callerIds }) };
  }
}

function ended(what: string): OutdialError {
  return new OutdialError('ALREADY_ENDED', `${what} has ended; its id can't be used again`);
}

/** The host's client with a converter of ours: what it does for the host stays as it is. */
function sealingClient({ connection, options }: Client, keyRing: KeyRing): Client {
  const { namespace, identity, interceptors } = options;
  return new Client({ connection, namespace, identity, interceptors, dataConverter: sealingConverter(keyRing) });
}
