/** An outdial engine in this process: workers of one queue on the simulated trunk, a client, and a store of their own. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type CampaignHandle, type CampaignSpec, fileStore, Outdial } from 'outdial';
import {
  type Application,
  type CalleeKind,
  createWorkers,
  type LedgerEntry,
  readLedger,
  simulatedNumber,
  simulatedTrunk,
  type SimulatedTrunkOptions,
} from 'outdial/worker';
import type { Lab } from './lab';

export const queue = 'bench';
export const ani = '+16175550100';

export interface EngineOptions {
  readonly lines: number;
  readonly trunk: SimulatedTrunkOptions;
  readonly application: Application;
}

/** What a campaign's spec says beside the bench's own, and what its callees are: `voice`, where it does not say. */
type RunOptions = Partial<CampaignSpec> & { readonly kinds?: readonly CalleeKind[] };

/** Runs campaigns of simulated calls, one after the other. */
export class Engine {
  private campaigns = 0;

  constructor(
    private readonly outdial: Outdial,
    private readonly name: string,
    private readonly ledger?: string,
  ) {}

  start(calls: number, { kinds = [], ...spec }: RunOptions = {}): Promise<CampaignHandle> {
    const campaignId = `${this.name}-${Date.now()}-${++this.campaigns}`;
    const requests = Array.from({ length: calls }, (_, n) => ({
      destination: simulatedNumber(kinds[n] ?? 'voice', n),
    }));
    return this.outdial.startCampaign({ campaignId, queue, application: 'bench', ani, ...spec }, requests);
  }

  /** Runs a campaign to its end. */
  async run(calls: number, options?: RunOptions): Promise<FinishedRun> {
    const startedAt = performance.now();
    const campaign = await this.start(calls, options);
    const { state, completed } = await campaign.result();
    const seconds = (performance.now() - startedAt) / 1_000;
    if (completed !== calls) throw new Error(`campaign ${state}: ${completed} of ${calls} calls completed`);
    return { campaign, callsPerSecond: calls / seconds };
  }

  /** What the network saw of a campaign. */
  seen({ campaignId }: CampaignHandle): LedgerEntry[] {
    return readLedger(this.ledger!).filter(({ callId }) => callId.startsWith(`${campaignId}.`));
  }
}

export interface FinishedRun {
  readonly campaign: CampaignHandle;
  /** From before the list is taken in to the campaign's result. */
  readonly callsPerSecond: number;
}

/** Starts an engine, runs `work` on it and shuts it down. */
export async function withEngine<T>(
  lab: Lab,
  name: string,
  { lines, trunk, application }: EngineOptions,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(lab.folder, `${name}-`));
  const ledger = join(folder, 'ledger.jsonl');
  const store = fileStore(join(folder, 'store'));
  const simulated = simulatedTrunk({ ...trunk, ledger });
  try {
    const workers = await createWorkers({
      connection: lab.connection,
      store,
      resultNetworks: ['127.0.0.0/8'],
      queues: { [queue]: { trunk: simulated, lines, callerIds: [ani], minRedialWaitMs: 1_000 } },
      applications: { bench: application },
      workflowBundle: { codePath: lab.outdialBundle },
    });
    const engine = new Engine(new Outdial({ client: lab.client, store }), name, ledger);
    return await workers.runUntil(() => work(engine));
  } finally {
    await simulated.close();
  }
}
