/**
 * Takes the pictures of docs/images: Temporal's UI while a campaign runs on simulated lines. Needs Chromium, and a Temporal
 * server with a UI. `npm run screenshots`; `-- --out <folder>` puts them elsewhere.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { type CallRequest, callWorkflowId, type CampaignHandle, fileStore, Outdial } from 'outdial';
import { type Application, createWorkers, simulatedNumber, simulatedTrunk } from 'outdial/worker';
import { chromium, type Locator, type Page } from 'playwright-core';
import { freePortFrom } from '../src/dev-server/free-port';
import { startDevServer } from '../src/dev-server';
import { findOnPath } from '../src/dev-server/find-executable';
import { installQuietRuntime } from '../src/testing/quiet-runtime';
import { ResultReceiver } from '../src/testing/result-receiver';

const { out = resolve(__dirname, '../docs/images') } = parseArgs({ options: { out: { type: 'string' } } }).values;
const width = 1280;
const maxBytes = 150 * 1024;
const limitMs = 30_000;

const campaignId = 'appointments-2026-11-24';
const ani = '+16175550100';
const callId = (row: number): string => `${campaignId}.1.${row}`;

/** Six calls end, one of them at its second attempt; two wait for a redial; four go on until all is stopped. */
const kinds = [
  ...(['voice', 'voice', 'invalid-number', 'never-hangs-up', 'never-hangs-up', 'busy'] as const),
  ...(['no-answer-once', 'voice', 'voice', 'busy', 'never-hangs-up', 'never-hangs-up'] as const),
];
const still = { completed: 5, rejected: 1, waiting: 2, connected: 4 };
const rowOf = (kind: (typeof kinds)[number]): number => kinds.indexOf(kind) + 1;
const names = ['Ann', 'Ben', 'Cem', 'Dora', 'Emil', 'Fay', 'Gus', 'Hana', 'Ida', 'Jon', 'Kim', 'Lea'];
const calls = kinds.map((kind, n): CallRequest => ({
  destination: simulatedNumber(kind, n),
  parameters: { name: names[n]! },
}));

const reminder: Application = async (call) => {
  await call.play(`Hello ${String(call.parameters['name'])}, we expect you tomorrow.`);
  await call.ended;
  return { heard: true };
};

async function main(): Promise<void> {
  const browserPath = await findBrowser();
  installQuietRuntime();
  const folder = mkdtempSync(join(tmpdir(), 'outdial-screenshots-'));
  const server = await startDevServer({ uiPort: await freePortFrom(0), log: (line) => console.log(line) });
  const receiver = new ResultReceiver();
  await receiver.start();
  const { address } = server;
  const native = await NativeConnection.connect({ address });
  const connection = await Connection.connect({ address });
  const client = new Client({ connection });
  try {
    const store = fileStore(join(folder, 'data'));
    const trunk = simulatedTrunk({ speed: 20 });
    const reminders = { trunk, lines: 10, callerIds: [ani], minRedialWaitMs: 1_000 };
    const workers = await createWorkers({
      connection: native,
      store,
      resultNetworks: ['127.0.0.0/8'],
      queues: { reminders },
      applications: { reminder },
    });
    await workers.runUntil(async () => {
      try {
        const campaign = await new Outdial({ client, store }).startCampaign(
          {
            campaignId,
            queue: 'reminders',
            application: 'reminder',
            ani,
            redial: { maxAttempts: 3, waitMs: 15 * 60_000, waitMsOn: { 'no-answer': 1_000 } },
            resultUrl: receiver.url,
          },
          calls,
        );
        await untilStill(campaign, client);
        await takePictures(browserPath, `${server.uiUrl}/namespaces/default/workflows`, campaign.workflowId);
      } finally {
        // Without their callees the calls that go on end at once.
        await trunk.close();
      }
    });
  } finally {
    await Promise.all([native.close(), connection.close(), receiver.stop()]);
    // Its state is thrown away: it need not shut down in order, which can take 10 s.
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Until the campaign changes no more for the next minutes, and lists know it. */
async function untilStill(campaign: CampaignHandle, client: Client): Promise<void> {
  await until('the campaign stands still', async () => {
    const { ended, ...live } = await campaign.progress();
    const now = { ...ended, ...live };
    return Object.entries(still).every(([name, count]) => now[name as keyof typeof still] === count);
  });
  const ended = `OutdialCampaign = "${campaignId}" AND OutdialState IN ("completed", "rejected")`;
  const endedCount = still.completed + still.rejected;
  await until('lists know it', async () => (await client.workflow.count(ended)).count === endedCount);
}

/** Each page is pictured once it shows what it is pictured for. */
async function takePictures(executablePath: string, workflows: string, campaign: string): Promise<void> {
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    const context = await browser.newContext({
      viewport: { width, height: 1_600 },
      timezoneId: 'UTC',
      locale: 'en-US',
      colorScheme: 'light',
    });
    context.setDefaultTimeout(limitMs);
    await context.addInitScript({
      content: `localStorage.setItem('namespace-workflow-table-columns', '${listColumns}')`,
    });
    const page = await context.newPage();
    const open = async (workflowId: string, tab = 'history'): Promise<void> => {
      await page.goto(`${workflows}/${encodeURIComponent(workflowId)}`);
      await page.getByTestId(`${tab}-tab`).click();
      await page.waitForURL(`**/${tab}`);
    };
    mkdirSync(out, { recursive: true });

    await open(campaign, 'user-metadata');
    await see(page.getByText('Events with Metadata'));
    await see(page.getByText(`call 1.${calls.length}`, { exact: true }));
    await seeInFrame(page, `${calls.length} calls on queue reminders`);
    await seeInFrame(page, `${still.completed} completed, ${still.rejected} rejected`);
    await picture(page, 'campaign', { height: 1_060 });

    await page.goto(`${workflows}?query=${encodeURIComponent(`OutdialCampaign = "${campaignId}"`)}`);
    await page.getByRole('button', { name: 'Collapse saved views' }).click();
    for (let row = 1; row <= calls.length; row++) await see(page.getByText(`call/${callId(row)}`, { exact: true }));
    await see(page.getByText('rejected', { exact: true }));
    await picture(page, 'list', { height: 790 });

    await open(callWorkflowId(callId(rowOf('no-answer-once'))));
    await see(page.getByText('dial, up to 3 attempts'));
    await see(page.getByText('Workflow Execution Completed'));
    await page.getByText('Compact', { exact: true }).click();
    await see(page.getByText('Activity', { exact: true }));
    await picture(page, 'call', { x: 64, y: 690, height: 530 });

    await open(callWorkflowId(callId(rowOf('busy'))), 'pending-activities');
    await see(page.getByText('Next Retry'));
    await see(page.getByText('User busy'));
    await picture(page, 'redial', { height: 790 });
  } finally {
    await browser.close();
  }
}

const see = (locator: Locator): Promise<void> => locator.filter({ visible: true }).first().waitFor();

/** Summaries and details are Markdown, which the UI shows in frames of their own. */
async function seeInFrame(page: Page, text: string): Promise<void> {
  await until(`the page shows ${text}`, async () => {
    const counts = await Promise.all(page.frames().map((frame) => frame.getByText(text).count()));
    return counts.some((count) => count > 0);
  });
}

/** Of a part of the page, down to where it says no more. */
async function picture(page: Page, name: string, part: { x?: number; y?: number; height: number }): Promise<void> {
  const { x = 0, y = 0, height } = part;
  const png = await page.screenshot({ clip: { x, y, width: width - x, height }, animations: 'disabled' });
  const path = join(out, `temporal-${name}.png`);
  writeFileSync(path, png);
  console.log(`${path}: ${Math.round(png.length / 1024)} KB`);
  if (png.length > maxBytes) throw new Error(`${path} is larger than ${maxBytes / 1024} KB`);
}

/** Columns of the UI's list of workflows, where it keeps them. */
const listColumns = JSON.stringify({
  default: ['Status', 'OutdialState', 'Workflow ID', 'Type', 'Start'].map((label) => ({ label, pinned: false })),
});

/** It opens nothing but the UI on loopback, so that its sandbox, which it has not for root, is no loss. */
const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'];

async function findBrowser(): Promise<string> {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    const found = await findOnPath(name, process.env['PATH'] ?? '');
    if (found) return found;
  }
  throw new Error('no chromium or google-chrome is on the PATH; on Debian: apt-get install chromium fonts-inter');
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await ask())) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs / 1_000} s: ${what}`);
    await sleep(100);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
