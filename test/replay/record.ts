/**
 * Records the histories of this version that `replay.test.ts` replays: `npm run record-histories`. Those that are there already stand for
 * runs that others may have under way: `-- --again` replaces them, of a version that is not released.
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
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { variables } from '../support/server';
import { version } from '../../package.json';

const folder = join(__dirname, 'histories', version);

async function main(): Promise<void> {
  const log = (line: string): void => console.error(line);
  if (existsSync(folder) && !process.argv.includes('--again'))
    throw new Error(`${folder} is there: runs of version ${version} may be under way. Not released yet? -- --again`);
  const cli = await findTemporalCli({ log });
  const server = await findOrStartServer({ cli, log });
  process.env[variables.address] = server.address;
  const { code } = await bundleWorkflows({ logger: new DefaultLogger('ERROR') });
  const bundle = join(folder, '../../bundle.tmp.js');
  await mkdir(folder, { recursive: true });
  await writeFile(bundle, code);
  process.env[variables.workflowBundle] = bundle;
  const engine = await Engine.start({ trunk: { ringMs: 500, talkMs: 2_000, speed: 1 }, queue: { lines: 3 } });
  try {
    await record(engine, cli, server.address);
  } finally {
    await engine.stop();
    await server.stop();
    await rm(bundle);
  }
}

async function record(engine: Engine, cli: string, address: string): Promise<void> {
  const save = async (name: string, workflowId: string): Promise<void> => {
    const where = ['--address', address, '--namespace', engine.namespace];
    const args = ['workflow', 'show', '-w', workflowId, '--output', 'json', ...where];
    const { stdout } = await promisify(execFile)(cli, args, { maxBuffer: 64 * 1024 * 1024 });
    await writeFile(join(folder, `${name}.json`), stdout);
    console.log(name);
  };
  const redial = { maxAttempts: 3, waitMs: 1_000 };
  const numbers = [simulatedNumber('voice'), simulatedNumber('busy-twice'), simulatedNumber('busy'), 'no number'];
  const calls = numbers.map((destination) => ({ destination }));

  const done = await engine.outdial.startCampaign(engine.spec({ redial, startAt: Date.now() + 2_000 }), calls);
  await done.pause();
  await done.resume();
  await done.addCalls([{ destination: simulatedNumber('voice', 1) }]);
  await done.result();
  await save('campaign-completed', done.workflowId);
  await save('call-completed', `call/${done.campaignId}.1.1`);
  await save('call-redialed', `call/${done.campaignId}.1.2`);

  const rings = simulatedNumber('no-answer');
  const waits = { maxAttempts: 3, waitMs: 60_000 };
  const canceled = await engine.outdial.startCampaign(engine.spec({ redial: waits }), [
    ...calls.slice(0, 3),
    { destination: rings },
  ]);
  await eventually(async () => {
    const states = [2, 3].map(async (row) => (await canceled.call(`${canceled.campaignId}.1.${row}`).record()).state);
    return (await Promise.all(states)).every((state) => state === 'failed');
  });
  await canceled.cancel();
  await canceled.result();
  await save('campaign-canceled', canceled.workflowId);
  await save('call-canceled-waiting', `call/${canceled.campaignId}.1.3`);

  const expired = await engine.outdial.startCampaign(
    engine.spec({ startAt: Date.now() + 1_000, expiresAt: Date.now() + 1_700, redial: waits }),
    Array.from({ length: 501 }, (_, n) => ({ destination: simulatedNumber('busy', n) })),
  );
  await expired.result();
  await save('campaign-expired', expired.workflowId);
  await save('segment-expired', `${expired.workflowId}/segment/0`);

  const fed = await engine.outdial.startCampaign(
    engine.spec({ redial: waits }),
    Array.from({ length: 501 }, (_, n) => ({ destination: simulatedNumber('busy', 1_000 + n) })),
  );
  // The first 100 come to the queue at once, the others as it empties.
  const later = `${fed.campaignId}.1.110`;
  await eventually(() => engine.ledger('dial').some(({ callId }) => callId === later), 120_000);
  await fed.cancel();
  await fed.result();
  await save('segment-fed-canceled', `${fed.workflowId}/segment/0`);

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
  await save('campaign-held', held.workflowId);
  await save('call-held', `call/${held.campaignId}.1.1`);

  const queue = engine.outdial.queue('main');
  await queue.stop();
  await queue.start();
  await save('lines', queue.workflowId);

  const quiet = await engine.outdial.startCampaign(engine.spec({ resultUrl: undefined }), calls.slice(0, 1));
  await quiet.result();
  await save('call-without-receiver', `call/${quiet.campaignId}.1.1`);

  const { campaignId: bareId, ...bareSpec } = engine.spec();
  const workflowId = `call/${bareId}`;
  const bare = { ...bareSpec, destination: simulatedNumber('voice') };
  await engine.client.workflow.execute('call', { workflowId, taskQueue: taskQueuesOf(false).calls, args: [bare] });
  await save('call-bare', workflowId);

  const { campaignId, ...shared } = engine.spec();
  const call = await engine.outdial.queueCall({
    callId: campaignId,
    ...shared,
    destination: rings,
    expiresAt: Date.now() + 3_000,
  });
  await call.extend(Date.now() + 5_000);
  await call.result();
  await save('call-standalone-expired', call.workflowId);

  await call.redeliver();
  await eventually(() => engine.client.workflow.getHandle(`delivery/${call.callId}`).result());
  await save('delivery', `delivery/${call.callId}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
