/** `kill -9` of the gateway: what it acknowledged is there, and nothing else is half there. */
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as open } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedNumber } from 'outdial/worker';
import { endAll, type Place, Running } from '../cli/command';
import { ani, Engine } from '../support/engine';
import { testAddress } from '../support/server';

jest.setTimeout(120_000);

let engine: Engine;
let place: Place;
beforeAll(async () => {
  engine = await Engine.start({ queue: { lines: 50 }, trunk: { ringMs: 0, talkMs: 0 } });
  const cwd = await mkdtemp(join(tmpdir(), 'outdial-gateway-crash-'));
  const [address, { namespace, storeAt }] = [testAddress(), engine];
  const gateway = { port: 0, limits: { singleCalls: 100_000 } };
  // The secret is in the environment: the file names it.
  const isFolder = 'folder' in storeAt;
  place = { cwd, env: isFolder ? {} : { DATABASE_URL: storeAt.connectionString } };
  const store = isFolder
    ? { dataDir: storeAt.folder }
    : { store: { postgres: 'env:DATABASE_URL', schema: storeAt.schema } };
  const config = { ...store, temporal: { address, namespace }, gateway };
  await writeFile(join(cwd, 'outdial.json'), JSON.stringify(config));
});
afterAll(async () => {
  await endAll();
  await engine?.stop();
  if (place) await rm(place.cwd, { recursive: true, force: true });
});

async function startGateway(): Promise<{ readonly process: Running; readonly url: string }> {
  const process = Running.start(place, '--json', 'gateway');
  const { url } = JSON.parse(await process.line()) as { url: string };
  return { process, url };
}

const shared = { deployment: 'main', application: 'app', from: ani };

async function queue(url: string, callId: string, n: number): Promise<number> {
  const body = JSON.stringify({ ...shared, callId, destination: simulatedNumber('voice', n) });
  const answer = await fetch(`${url}/v1/calls`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `"${callId}"` },
    body,
  });
  await answer.arrayBuffer();
  return answer.status;
}

/** An upload that never ends by itself. */
async function beginUpload(url: string, campaignId: string): Promise<void> {
  const boundary = 'boundary';
  const upload = open(`${url}/v1/campaigns`, {
    method: 'POST',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
  upload.on('error', () => undefined);
  const part = (headers: string, text: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; ${headers}\r\n\r\n${text}`;
  upload.write(`${part('name="spec"', JSON.stringify({ ...shared, campaignId }))}\r\n`);
  upload.write(part('name="calls"; filename="list.csv"', 'destination\n'));
  upload.write(`${simulatedNumber('voice')}\n`.repeat(10_000));
  await once(upload, 'socket');
}

test('amid 200 acknowledged calls and an upload', async () => {
  const { process, url } = await startGateway();
  await beginUpload(url, 'cut-off');
  const ids = Array.from({ length: 400 }, (_, n) => `kill-${n}`);
  const acknowledged: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < ids.length) {
      const n = next++;
      const status = await queue(url, ids[n]!, n).catch(() => undefined);
      if (status === undefined) return;
      expect(status).toBe(202);
      acknowledged.push(ids[n]!);
      if (acknowledged.length === 200) process.signal('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: 20 }, worker));
  expect(acknowledged.length).toBeGreaterThanOrEqual(200);
  expect(acknowledged.length).toBeLessThan(ids.length);

  for (const id of acknowledged) expect(await engine.outdial.call(id).result()).toMatchObject({ callId: id });
  await expect(engine.outdial.campaign('cut-off').progress()).rejects.toMatchObject({ code: 'NOT_FOUND' });

  // Whoever heard nothing asks again; nobody is called twice.
  const again = await startGateway();
  for (const [n, id] of ids.entries()) expect(await queue(again.url, id, n)).toBe(202);
  for (const id of ids) expect(await engine.outdial.call(id).result()).toMatchObject({ state: 'completed' });
  const dialed = engine.ledger('dial').map(({ callId }) => callId);
  expect(dialed.sort()).toEqual([...ids].sort());
  again.process.signal('SIGTERM');
  expect(await again.process.code()).toBe(0);
});
