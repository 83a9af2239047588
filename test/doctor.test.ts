import { Connection } from '@temporalio/client';
import { taskQueuesOf } from '../src/contract';
import { startDevServer, type DevServer } from '../src/dev-server';
import { examineServer, examineWorkers, type Finding } from '../src/doctor';
import { eventually } from './support/eventually';
import { createNamespace } from './support/namespace';
import { temporalCliPath, testAddress } from './support/server';

function found(findings: readonly Finding[], check: string): Finding | undefined {
  return findings.find((finding) => finding.check === check);
}

describe('a server that has all', () => {
  let connection: Connection;
  let namespace: string;
  beforeAll(async () => {
    connection = await Connection.connect({ address: testAddress() });
    namespace = await createNamespace(connection);
  });
  afterAll(async () => connection?.close());

  test('nothing is lost', async () => {
    const findings = await examineServer(connection, { namespace, queues: [{ queue: 'main' }] });
    expect(findings.filter(({ lost }) => lost !== undefined)).toEqual([]);
    expect(findings.filter(({ ok }) => ok === null).map(({ check }) => check)).toEqual(['matching flags']);
  });

  test('a clock that is off', async () => {
    const clock = Date.now.bind(Date);
    const slow = jest.spyOn(Date, 'now').mockImplementation(() => clock() + 5_000);
    try {
      const findings = await examineServer(connection, { namespace, queues: [] });
      expect(found(findings, 'clock')).toMatchObject({
        ok: false,
        found: expect.stringMatching(/^the server's is \d+ ms behind$/),
      });
    } finally {
      slow.mockRestore();
    }
  });

  test('workers that are not there, and a namespace', async () => {
    const workers = await examineWorkers(connection, { namespace, queues: [{ queue: 'main' }] });
    expect(workers.map(({ ok }) => ok)).toEqual([false, false, false, false]);
    const absent = await examineServer(connection, { namespace: 'absent', queues: [] });
    expect(absent.at(-1)).toMatchObject({ ok: false, found: 'absent does not exist' });
  });
});

test('workers of this host, among those of others', async () => {
  const connection = await Connection.connect({ address: testAddress() });
  const stopped = new AbortController();
  const namespace = await createNamespace(connection);
  const options = { namespace, queues: [{ queue: 'main' }] };
  const { workflowService } = connection;
  const { campaigns, calls, results, line } = taskQueuesOf(false);
  const poller = { namespace, identity: '7@elsewhere' };
  const ask = (): Promise<unknown> =>
    Promise.allSettled([
      ...[campaigns, calls].map((name) => workflowService.pollWorkflowTaskQueue({ ...poller, taskQueue: { name } })),
      ...[results, line('main')].map((name) =>
        workflowService.pollActivityTaskQueue({ ...poller, taskQueue: { name } }),
      ),
    ]);
  const asking = connection.withAbortSignal(stopped.signal, () => connection.withDeadline(Date.now() + 60_000, ask));
  try {
    const allOk = (findings: readonly Finding[]): boolean => findings.every(({ ok }) => ok);
    await eventually(async () => allOk(await examineWorkers(connection, options)));
    expect(allOk(await examineWorkers(connection, { ...options, host: 'elsewhere' }))).toBe(true);
    const here = await examineWorkers(connection, { ...options, host: 'here' });
    // Lines are leased: those of the queue may all be elsewhere.
    expect(here.map(({ ok }) => ok)).toEqual([false, false, false, true]);
    expect(here[0]!.found).toBe('nobody at here has asked for work within 5 minutes');
  } finally {
    stopped.abort();
    await asking;
    await connection.close();
  }
});

describe('a server that lacks things', () => {
  let server: DevServer;
  let connection: Connection;
  beforeAll(async () => {
    const partitions = ['Read', 'Write'].flatMap((way) => [
      '--dynamic-config-value',
      `matching.numTaskqueue${way}Partitions=4`,
    ]);
    server = await startDevServer({ cli: temporalCliPath(), searchAttributes: {}, extraArgs: partitions });
    connection = await Connection.connect({ address: server.address });
  });
  afterAll(async () => {
    await connection?.close();
    await server?.kill();
  });

  test('each is named with what is lost by it', async () => {
    const findings = await examineServer(connection, { namespace: 'default', queues: [{ queue: 'main' }] });
    expect(found(findings, 'search attributes')).toMatchObject({
      ok: false,
      found: 'missing or of another type: OutdialCampaign, OutdialQueue, OutdialState',
      lost: expect.stringContaining('--name OutdialQueue --type Keyword'),
    });
    expect(found(findings, 'order of outdial-queue/main')).toMatchObject({ ok: false, found: '4 partitions' });
  });
});
