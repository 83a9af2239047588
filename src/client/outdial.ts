/** What a backend service uses: start campaigns, queue calls, and look after them. Never loads the worker. */
import { randomUUID } from 'node:crypto';
import { Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { readConfig } from '../config';
import { intake, type IntakeReport } from '../contacts/intake';
import { callWorkflowId, campaignWorkflowId, type CallInput, type CampaignInput, taskQueuesOf } from '../contract';
import { Encryption, type EncryptionOptions, withoutKeys } from '../encryption';
import { invalidSpec, otherCopy, OutdialError } from '../errors';
import { ensureSearchAttributes } from '../search-attributes';
import type { CallSpec, CampaignSpec, ValidCampaignSpec } from '../spec/schema';
import { type Validated, type ValidatedCall, validateCall, validateCampaign } from '../spec/validate';
import { fileStore } from '../store/file-store';
import type { Store } from '../store/store';
import { callAttributes, campaignStartAttributes } from './attributes';
import { CallHandle, type QueueCallOptions, type QueuedCall } from './call-handle';
import {
  CampaignHandle,
  type CallSource,
  type CampaignStartOptions,
  type IntakeRules,
  type StartedCampaign,
} from './campaign-handle';
import { eraseCallee, type ErasureReport, prune, type PruneOptions, type PruneReport } from './upkeep';

/** What {@link Outdial} works with. */
export interface OutdialOptions {
  /** The host's own Temporal client. */
  readonly client: Client;
  /**
   * What is shared with the workers: lists of calls, final records, queue settings.
   * @defaultValue files in `OUTDIAL_DATA_DIR`, else in the user's data folder
   */
  readonly store?: Store;
  /** The workers' keys, where they seal. PCI calls need it. */
  readonly encryption?: EncryptionOptions;
  /** The Temporal server's clock where it is not the machine's: tests that skip time. @defaultValue `Date.now` */
  readonly now?: () => number | Promise<number>;
}

/** Starts campaigns and queues calls. Holds nothing but the client and the store; make as many as you like. */
export class Outdial {
  /** As given, or one that opens what is sealed, and seals where everything is. */
  readonly client: Client;
  /** As given or the default one, or one that opens what is sealed, and seals where everything is. */
  readonly store: Store;
  /** Of PCI calls; undefined without keys. */
  private readonly pci: Access | undefined;
  private readonly now: () => number | Promise<number>;
  private ready: Promise<void> | undefined;

  /** @throws OutdialError `TEMPORAL` when the client is of another copy of `@temporalio/client` than outdial's */
  constructor({ client, store, encryption, now = Date.now }: OutdialOptions) {
    if (!(client instanceof Client)) throw otherCopy('client', '@temporalio/client');
    const plain = { client, store: store ?? fileStore(readConfig().dataDir) };
    const sealed = encryption && new Encryption(encryption);
    const { client: ours, store: kept } = sealed
      ? accessOf(plain, sealed, false)
      : { client, store: withoutKeys(plain.store) };
    this.client = ours;
    this.store = kept;
    this.pci = sealed && accessOf(plain, sealed, true);
    this.now = now;
  }

  /**
   * Starts a campaign. Starting again with the same id and spec answers with the running one, and takes no calls; with the
   * same `fingerprint`, whatever became of that, and whatever else the spec says.
   *
   * @param calls - up to 1,000,000; read once, streamed into the store
   * @throws OutdialError `INVALID_SPEC`, `INVALID_LIST`, `CONFLICT` (the id has another spec), `ALREADY_ENDED`
   */
  async startCampaign(
    spec: CampaignSpec,
    calls: CallSource,
    { complete, ...options }: CampaignStartOptions = {},
  ): Promise<StartedCampaign> {
    await this.prepare();
    const { campaignId, fingerprint } = spec;
    // What was accepted stays so when its window has passed.
    const accepted = fingerprint === undefined ? undefined : await this.startedAs(campaignId, fingerprint, true);
    if (accepted) return accepted;
    const queues = await this.store.board.queues();
    const given = validateCampaign(spec, await this.now(), queues);
    // What the calls complete can be compared once they are read.
    const known = complete ? undefined : await this.startedAs(campaignId, given.hash, false);
    if (known) return known;
    const { keepOpen } = given.spec;
    const rules = await this.rulesOf(given);
    const { contacts } = this.accessTo(given.plan).store;
    const list = await intake(contacts, campaignId, calls, { ...rules, allowEmpty: keepOpen, ...options });
    let asked = false;
    try {
      const validated = complete
        ? validateCampaign({ ...spec, ...(await complete(list)) }, await this.now(), queues)
        : given;
      let other = complete && (await this.startedAs(campaignId, validated.hash, fingerprint !== undefined));
      asked = !other;
      other ??= await this.start(validated, list);
      if (!other) return Object.assign(this.handleOf(campaignId, rules), started(validated, list));
      await contacts.discard(campaignId, list.list);
      return other;
    } catch (error) {
      // Once Temporal was asked, and its answer lost, the list may be a campaign's.
      if (!asked || error instanceof OutdialError) await contacts.discard(campaignId, list.list);
      throw error;
    }
  }

  /** @returns the campaign that somebody else has started meanwhile */
  private async start(
    validated: Validated<ValidCampaignSpec>,
    { list, count }: IntakeReport,
  ): Promise<StartedCampaign | undefined> {
    const { spec, plan, hash, warnings } = validated;
    const { campaignId, queue } = spec;
    try {
      await this.accessTo(plan).client.workflow.start('campaign', {
        workflowId: campaignWorkflowId(campaignId),
        taskQueue: taskQueuesOf(plan.isPci).campaigns,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [{ ...spec, list } satisfies CampaignInput],
        memo: { specHash: hash, warnings },
        typedSearchAttributes: campaignStartAttributes(campaignId, queue),
        staticSummary: `${count} calls on queue ${queue}`,
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const other = await this.startedAs(campaignId, hash, spec.fingerprint !== undefined);
      if (other) return other;
      throw error;
    }
  }

  /** A campaign that was started before, here or elsewhere. */
  campaign(campaignId: string): CampaignHandle {
    return this.handleOf(campaignId);
  }

  private handleOf(campaignId: string, rules?: IntakeRules): CampaignHandle {
    const contacts = (plan: { readonly isPci: boolean }) => this.accessTo(plan).store.contacts;
    return new CampaignHandle(this.client, this.store, contacts, campaignId, rules);
  }

  /**
   * Queues one call with a window of its own. Queueing again with the same `callId` and spec answers with the first; with the
   * same `fingerprint`, whatever became of that, and whatever else the spec says.
   *
   * @throws OutdialError `INVALID_SPEC`, `CONFLICT`, `ALREADY_ENDED`
   */
  async queueCall(spec: CallSpec, { idPrefix = '' }: QueueCallOptions = {}): Promise<QueuedCall> {
    await this.prepare();
    const { callId = `${idPrefix}${randomUUID()}`, fingerprint } = spec;
    const queues = await this.store.board.queues();
    let validated: ValidatedCall;
    try {
      validated = validateCall({ ...spec, callId }, await this.now(), queues);
    } catch (error) {
      // What was accepted stays so when its window has passed.
      const first = fingerprint === undefined ? undefined : await this.queuedBefore(callId, fingerprint, true);
      if (first) return first;
      throw error;
    }
    const { plan, window, contact, hash, warnings } = validated;
    // Temporal forgets a call after its retention; the store does not, and nobody is dialed for it again.
    const wasQueued = spec.callId !== undefined && (await this.store.records.call(callId)) !== undefined;
    const first = wasQueued ? await this.queuedBefore(callId, hash, fingerprint !== undefined) : undefined;
    if (first) return first;
    const queue = queues.find((info) => info.queue === plan.queue);
    const input: CallInput = { plan, window, contact, heartbeatTimeoutMs: queue?.heartbeatTimeoutMs ?? 30_000 };
    try {
      await this.accessTo(plan).client.workflow.start('call', {
        workflowId: callWorkflowId(callId),
        taskQueue: taskQueuesOf(plan.isPci).calls,
        workflowIdReusePolicy: 'REJECT_DUPLICATE',
        args: [input],
        memo: { specHash: hash, warnings, gate: { expiresAt: window.expiresAt } },
        typedSearchAttributes: callAttributes(plan.queue),
        priority: { priorityKey: plan.priority },
        staticSummary: `call on queue ${plan.queue}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const first = await this.queuedBefore(callId, hash, fingerprint !== undefined);
      if (first) return first;
      throw error;
    }
    return Object.assign(this.call(callId), { warnings });
  }

  /** The call of this id, as it was answered first; undefined when the id is free. */
  private async queuedBefore(callId: string, hash: string, evenEnded: boolean): Promise<QueuedCall | undefined> {
    const what = `call ${callId}`;
    const first = await this.startedBefore(callWorkflowId(callId), what, hash, evenEnded);
    if (first) return Object.assign(this.call(callId), first);
    if (!(await this.store.records.call(callId))) return undefined;
    if (!evenEnded) throw ended(what);
    return Object.assign(this.call(callId), { warnings: [] });
  }

  /** A call, of a campaign or standalone. */
  call(callId: string): CallHandle {
    return new CallHandle(this.client, this.store, callId);
  }

  /**
   * Removes lists and records of campaigns that ended before a time, and records of calls without a campaign that did. What is
   * open, or has results that are still being delivered, stays, and so does the id of a campaign: nobody uses it again.
   *
   * @throws OutdialError `INVALID_SPEC` when `before` is no time or in the future, `STORE`
   */
  prune(options: PruneOptions): Promise<PruneReport> {
    return prune(this, options);
  }

  /**
   * Erases what the store has of one callee: of all contacts, records and logs of the number, ids, states and times are left.
   *
   * @param destination - E.164, `+4930123456`
   * @throws OutdialError `REFUSED` while one of the callee's calls is open, or its result being delivered (`details`: their
   * ids); then nothing is erased. `INVALID_SPEC`, `STORE`, and `SEALED` where there are sealed rows and no keys to look into them
   */
  eraseCallee(destination: string): Promise<ErasureReport> {
    return eraseCallee(this, destination);
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

  /** The campaign of this id and spec; undefined when the id is free. */
  private async startedAs(campaignId: string, hash: string, evenEnded: boolean): Promise<StartedCampaign | undefined> {
    const what = `campaign ${campaignId}`;
    const handle = { warnings: [], intake: undefined, alreadyRunning: true };
    const first = await this.startedBefore(campaignWorkflowId(campaignId), what, hash, evenEnded);
    if (first) return Object.assign(this.campaign(campaignId), { ...handle, ...first });
    // Temporal forgets a campaign after its retention; the store does not.
    const entry = await this.store.records.campaign(campaignId);
    if (!entry) return undefined;
    if (!evenEnded) throw ended(what);
    if (entry.specHash !== hash) throw otherSpec(what);
    return Object.assign(this.campaign(campaignId), handle);
  }

  /** What the first one was answered; undefined when Temporal knows no workflow of the id. @throws OutdialError `CONFLICT`, `ALREADY_ENDED` */
  private async startedBefore(
    workflowId: string,
    what: string,
    hash: string,
    evenEnded: boolean,
  ): Promise<{ readonly warnings: readonly string[] } | undefined> {
    try {
      const { status, memo } = await this.client.workflow.getHandle(workflowId).describe();
      if (status.name !== 'RUNNING' && !evenEnded) throw ended(what);
      if (memo?.['specHash'] !== hash) throw otherSpec(what);
      return { warnings: (memo?.['warnings'] ?? []) as readonly string[] };
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    }
  }

  /** How rows of the campaign's lists are read. */
  private async rulesOf({ spec, plan }: Validated<ValidCampaignSpec>): Promise<IntakeRules> {
    const { country, duplicates } = spec;
    const callerIds = (await this.store.board.queue(plan.queue))?.callerIds;
    const needsAni = plan.ani === '';
    return { country, duplicates, needsAni, isPci: plan.isPci, ...(callerIds && { callerIds }) };
  }

  /** @throws OutdialError `INVALID_SPEC` for PCI calls without keys: nothing of them is ever kept in clear */
  private accessTo({ isPci }: { readonly isPci: boolean }): Access {
    if (!isPci) return this;
    if (this.pci) return this.pci;
    throw invalidSpec([{ path: 'isPci', message: "needs encryption: give Outdial the workers' keys" }]);
  }
}

function started({ warnings }: Validated<ValidCampaignSpec>, list: IntakeReport) {
  return { warnings, intake: list, alreadyRunning: false };
}

function otherSpec(what: string): OutdialError {
  return new OutdialError('CONFLICT', `${what} was started with another spec`);
}

function ended(what: string): OutdialError {
  return new OutdialError('ALREADY_ENDED', `${what} has ended; its id can't be used again`);
}

/** What calls of one kind are handed over with. */
interface Access {
  readonly client: Client;
  readonly store: Store;
}

/** The host's client with a converter of ours: what it does for the host stays as it is. */
function accessOf({ client: { connection, options }, store }: Access, encryption: Encryption, isPci: boolean): Access {
  const { namespace, identity, interceptors } = options;
  const dataConverter = encryption.converter(isPci);
  return {
    client: new Client({ connection, namespace, identity, interceptors, dataConverter }),
    store: encryption.store(store, isPci),
  };
}
