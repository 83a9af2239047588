/**
 * Records the histories of this version that `replay.test.ts` replays and that are not there yet: `npm run record-histories`. Those that are
 * there stand for runs that others may have under way: `-- --again` replaces them, of a version that is not released.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DefaultLogger } from '@temporalio/worker';
import { taskQueuesOf } from 'outdial';
import { bundleWorkflows } from 'outdial/worker';
import { simulatedNumber } from 'outdial/worker';
import { findOrStartServer, findTemporalCli } from '../../src/dev-server';
import { Engine, type EngineOptions } from '../support/engine';
import { eventually } from '../support/eventually';
import { variables } from '../support/server';
import { encryption, sealedCalls } from './sealed';
import { version } from '../../package.json';

const folder = join(__dirname, 'histories', version);
const isAgain = process.argv.includes('--again');

/** What is run, and the workflow of each history that is saved of it. */
interface Scenario {
  readonly saves: readonly string[];
  /** @returns the workflow ids, in the order of `saves` */
  run(engine: Engine): Promise<readonly string[]>;
}

const redial = { maxAttempts: 3, waitMs: 1_000 };
const waits = { maxAttempts: 3, waitMs: 60_000 };
const rings = simulatedNumber('no-answer');
/** A person, busy twice, busy, none. */
const calls = [simulatedNumber('voice'), simulatedNumber('busy-twice'), simulatedNumber('busy'), 'no number'].map(
  (destination) => ({ destination }),
);

const scenarios: readonly Scenario[] = [
  {
    saves: ['campaign-completed', 'call-completed', 'call-redialed'],
    async run(engine) {
      const done = await engine.outdial.startCampaign(engine.spec({ redial, startAt: Date.now() + 2_000 }), calls);
      await done.pause();
      await done.resume();
      await done.addCalls([{ destination: simulatedNumber('voice', 1) }]);
      await done.result();
      return [done.workflowId, `call/${done.campaignId}.1.1`, `call/${done.campaignId}.1.2`];
    },
  },
  {
    saves: ['campaign-canceled', 'call-canceled-waiting', 'call-canceled-reading'],
    async run(engine) {
      const canceled = await engine.outdial.startCampaign(engine.spec({ redial: waits }), [
        ...calls.slice(0, 3),
        { destination: rings },
      ]);
      await eventually(async () => {
        const states = [2, 3].map(
          async (row) => (await canceled.call(`${canceled.campaignId}.1.${row}`).record()).state,
        );
        return (await Promise.all(states)).every((state) => state === 'failed');
      });
      await canceled.cancel();
      await canceled.result();
      return [canceled.workflowId, `call/${canceled.campaignId}.1.3`, `call/${canceled.campaignId}.1.2`];
    },
  },
  {
    saves: ['campaign-expired', 'segment-expired'],
    async run(engine) {
      const expired = await engine.outdial.startCampaign(
        engine.spec({ startAt: Date.now() + 1_000, expiresAt: Date.now() + 1_700, redial: waits }),
        Array.from({ length: 501 }, (_, n) => ({ destination: simulatedNumber('busy', n) })),
      );
      await expired.result();
      return [expired.workflowId, `${expired.workflowId}/segment/0`];
    },
  },
  {
    saves: ['segment-fed-canceled'],
    async run(engine) {
      const fed = await engine.outdial.startCampaign(
        engine.spec({ redial: waits }),
        Array.from({ length: 501 }, (_, n) => ({ destination: simulatedNumber('busy', 1_000 + n) })),
      );
      // The first 100 come to the queue at once, the others as it empties.
      const later = `${fed.campaignId}.1.110`;
      await eventually(() => engine.ledger('dial').some(({ callId }) => callId === later), 120_000);
      await fed.cancel();
      await fed.result();
      return [`${fed.workflowId}/segment/0`];
    },
  },
  {
    saves: ['campaign-held', 'call-held'],
    async run(engine) {
      const held = await engine.outdial.startCampaign(engine.spec({ redial }), [
        { destination: simulatedNumber('busy-twice', 1) },
      ]);
      const heldCall = held.call(`${held.campaignId}.1.1`);
      await eventually(async () => (await heldCall.record()).state === 'failed');
      await held.pause();
      const { workflow } = engine.client;
      await eventually(async () => {
        const { events } = await workflow.getHandle(held.workflowId).fetchHistory();
        return events!.some((event) => event.workflowExecutionSignaledEventAttributes?.signalName === 'held');
      });
      await held.resume();
      await held.result();
      return [held.workflowId, `call/${held.campaignId}.1.1`];
    },
  },
  {
    saves: ['lines'],
    async run(engine) {
      const queue = engine.outdial.queue('main');
      await queue.stop();
      await queue.start();
      return [queue.workflowId];
    },
  },
  {
    saves: ['call-without-receiver'],
    async run(engine) {
      const quiet = await engine.outdial.startCampaign(engine.spec({ resultUrl: undefined }), calls.slice(0, 1));
      await quiet.result();
      return [`call/${quiet.campaignId}.1.1`];
    },
  },
  {
    saves: ['call-bare'],
    async run(engine) {
      const { campaignId, ...spec } = engine.spec();
      const workflowId = `call/${campaignId}`;
      const bare = { ...spec, destination: simulatedNumber('voice') };
      await engine.client.workflow.execute('call', { workflowId, taskQueue: taskQueuesOf(false).calls, args: [bare] });
      return [workflowId];
    },
  },
  {
    saves: ['call-standalone-expired', 'delivery'],
    async run(engine) {
      const { campaignId, ...shared } = engine.spec();
      const call = await engine.outdial.queueCall({
        callId: campaignId,
        ...shared,
        destination: rings,
        expiresAt: Date.now() + 3_000,
      });
      await call.extend(Date.now() + 5_000);
      await call.result();
      await call.redeliver();
      await eventually(() => engine.client.workflow.getHandle(`delivery/${call.callId}`).result());
      return [call.workflowId, `delivery/${call.callId}`];
    },
  },
];

/** On an engine with keys. */
const sealedScenarios: readonly Scenario[] = [
  {
    saves: sealedCalls,
    async run(engine) {
      const spec = engine.spec({ isPci: true, resultUrl: undefined, redial });
      const campaign = await engine.outdial.startCampaign(spec, calls.slice(0, 2));
      await campaign.result();
      return [campaign.workflowId, `call/${campaign.campaignId}.1.1`, `call/${campaign.campaignId}.1.2`];
    },
  },
];

async function main(): Promise<void> {
  const missing = (of: readonly Scenario[]): Scenario[] => of.filter(({ saves }) => saves.some(isWanted));
  const [plain, sealed] = [missing(scenarios), missing(sealedScenarios)];
  if (plain.length + sealed.length === 0) {
    console.error(
      `all of ${folder} are there: runs of version ${version} may be under way. Not released yet? -- --again`,
    );
    return;
  }
  const log = (line: string): void => console.error(line);
  const cli = await findTemporalCli({ log });
  const server = await findOrStartServer({ cli, log });
  process.env[variables.address] = server.address;
  const { code } = await bundleWorkflows({ logger: new DefaultLogger('ERROR') });
  const bundle = join(folder, '../../bundle.tmp.js');
  await mkdir(folder, { recursive: true });
  await writeFile(bundle, code);
  process.env[variables.workflowBundle] = bundle;
  const options = { trunk: { ringMs: 500, talkMs: 2_000, speed: 1 }, queue: { lines: 3 } };
  try {
    await record(plain, options, cli);
    const pci = { allowedUrls: [] };
    await record(sealed, { ...options, queue: { lines: 3, pci }, workers: { encryption } }, cli);
  } finally {
    await server.stop();
    await rm(bundle);
  }
}

async function record(wanted: readonly Scenario[], options: EngineOptions, cli: string): Promise<void> {
  if (wanted.length === 0) return;
  const engine = await Engine.start(options);
  try {
    for (const { saves, run } of wanted) {
      const workflowIds = await run(engine);
      for (const [n, name] of saves.entries()) {
        if (isWanted(name)) await save(name, workflowIds[n]!, engine, cli);
      }
    }
  } finally {
    await engine.stop();
  }
}

function isWanted(name: string): boolean {
  return isAgain || !existsSync(fileOf(name));
}

function fileOf(name: string): string {
  return join(folder, `${name}.json`);
}

async function save(name: string, workflowId: string, { namespace }: Engine, cli: string): Promise<void> {
  const where = ['--address', process.env[variables.address]!, '--namespace', namespace];
  const args = ['workflow', 'show', '-w', workflowId, '--output', 'json', ...where];
  const { stdout } = await promisify(execFile)(cli, args, { maxBuffer: 64 * 1024 * 1024 });
  await writeFile(fileOf(name), stdout);
  console.log(name);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
