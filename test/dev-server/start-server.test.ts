import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, TypedSearchAttributes } from '@temporalio/common';
import { SearchAttribute } from '../../src/contract/names';
import { findOrStartServer, startDevServer, type DevServer } from '../../src/dev-server';
import { temporalCliPath, testAddress } from '../support/server';

let folder: string;
const servers: DevServer[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-server-'));
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await rm(folder, { recursive: true });
});

async function start(options: Parameters<typeof startDevServer>[0]): Promise<DevServer> {
  const server = await startDevServer({ cli: temporalCliPath(), ...options });
  servers.push(server);
  return server;
}

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

const campaign = defineSearchAttributeKey(SearchAttribute.CAMPAIGN, 'KEYWORD');

test('a workflow survives kill -9 of the server: same file, same port', async () => {
  const dbFilename = join(folder, 'new/state.db');
  const first = await start({ dbFilename });
  await withClient(first.address, (client) =>
    client.workflow.start('nothing', {
      taskQueue: 'nobody',
      workflowId: 'survivor',
      typedSearchAttributes: new TypedSearchAttributes([{ key: campaign, value: 'c1' }]),
    }),
  );
  await first.kill();
  expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const second = await start({ dbFilename, port: first.port });
  expect(second.address).toBe(first.address);
  const survivor = await withClient(second.address, (client) => client.workflow.getHandle('survivor').describe());
  expect(survivor.status.name).toBe('RUNNING');
  expect(survivor.typedSearchAttributes.get(campaign)).toBe('c1');
  await second.stop();
  expect(await second.exited).toEqual({ code: 0, signal: null });
  await second.stop();
});

test('serves the web UI when it is given a port', async () => {
  const uiPort = await freePort();
  const server = await start({ uiPort });
  expect(server.uiUrl).toBe(`http://127.0.0.1:${uiPort}`);
  // The UI comes up beside the server, not before it.
  for (;;) {
    const response = await fetch(server.uiUrl!).catch(() => undefined);
    if (response?.ok) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

test('shows what the server wrote when it does not start', async () => {
  const logFile = join(folder, 'server.log');
  const failed = start({ extraArgs: ['--no-such-flag'], logFile });
  await expect(failed).rejects.toMatchObject({ code: 'TEMPORAL' });
  await expect(failed).rejects.toThrow(/did not start: it ended with code 1\n[^]*--no-such-flag/);
  expect(await readFile(logFile, 'utf8')).toContain('--no-such-flag');
});

test('an executable that is not there, or that ends at once', async () => {
  await expect(start({ cli: join(folder, 'missing') })).rejects.toThrow(/did not start[^]*ENOENT/);
  const cli = join(folder, 'temporal');
  await writeFile(cli, '#!/bin/sh\necho "out of luck"\nexit 7\n');
  await chmod(cli, 0o755);
  await expect(start({ cli })).rejects.toThrow(/it ended with code 7\nout of luck/);
});

test('starts again where another process took one of its ports', async () => {
  const tries = join(folder, 'tries');
  const cli = join(folder, 'temporal');
  const taken = (times: number): string =>
    `#!/bin/sh\necho try >> ${tries}\n[ $(wc -l < ${tries}) -gt ${times} ] && exec ${temporalCliPath()} "$@"\necho "listen tcp 127.0.0.1:4: bind: address already in use"\nexit 1\n`;
  await writeFile(cli, taken(1), { mode: 0o755 });
  await withClient((await start({ cli })).address, (client) => client.connection.ensureConnected());
  await rm(tries);
  await writeFile(cli, taken(99));
  await expect(start({ cli })).rejects.toThrow(/did not start[^]*address already in use/);
  expect((await readFile(tries, 'utf8')).split('\n')).toHaveLength(4);
});

test('does not take another server on its port for its own', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => other.once('listening', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(start({ port })).rejects.toThrow(`port ${port} can't be used`);
  other.close();
});

test('OUTDIAL_TEST_ADDRESS is taken instead of a new server', async () => {
  const server = await findOrStartServer();
  expect(server).toMatchObject({ address: testAddress() });
  expect(server.started).toBeUndefined();
  await server.stop();
  await withClient(testAddress(), (client) => client.connection.ensureConnected());
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
