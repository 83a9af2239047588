/** The command as its users run it, against the test server. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { CallExplanation, CallRecord, CampaignProgress, CampaignResult } from 'outdial';
import type { Finding } from '../../src/doctor';
import { fileStore } from '../../src/store/file-store';
import { eventually } from '../support/eventually';
import { createNamespace } from '../support/namespace';
import { testAddress } from '../support/server';
import { endAll, json, type Place, run, Running } from './command';

let place: Place;
let connection: Connection;

beforeAll(async () => {
  connection = await Connection.connect({ address: testAddress() });
  const namespace = await createNamespace(connection);
  const cwd = mkdtempSync(join(tmpdir(), 'outdial-cli-'));
  place = {
    cwd,
    env: { TEMPORAL_ADDRESS: testAddress(), TEMPORAL_NAMESPACE: namespace, OUTDIAL_DATA_DIR: join(cwd, 'data') },
  };
  write(
    'outdial.yaml',
    `
queues:
  main:
    trunk: { simulated: { speed: 20 } }
    lines: 5
    callerIds: ['+16175550100']
    minRedialWaitMs: 1000
applications:
  app: { module: ./app.mjs }
  old: { module: ./old.cjs, export: talk }
beforeDial: { module: ./app.mjs, export: beforeDial }
`,
  );
  write(
    'app.mjs',
    `
export default async (call) => { await call.ended; return { heard: call.parameters.name }; };
export const beforeDial = ({ parameters }) => (parameters.defer ? { deferUntil: Date.now() + 3600_000 } : 'dial');
`,
  );
  write('old.cjs', 'exports.talk = () => 1;');
});
afterAll(async () => {
  await endAll();
  await connection?.close();
  if (place) rmSync(place.cwd, { recursive: true, force: true });
});

function write(name: string, text: string): string {
  writeFileSync(join(place.cwd, name), text);
  return name;
}

/** A campaign file whose calls are in a CSV file beside it. */
function campaignFile(campaignId: string, more = ''): string {
  write('calls.csv', 'destination,name\n+16175550110,Ann\n+16175550170,Bob\nnobody,Eve\n');
  const spec = { campaignId, queue: 'main', application: 'app', ani: '+16175550100', callsFile: 'calls.csv' };
  return write(`${campaignId}.yaml`, `${JSON.stringify(spec).slice(0, -1)}${more}}`);
}

const callOptions = ['--queue', 'main', '--application', 'app', '--ani', '+16175550100'];

describe('without workers', () => {
  test('wrong use and wrong configuration end with 2 and say the next step', async () => {
    write('bad.yaml', 'queues: 1\ncolour: red');
    const [unknown, asJson, bad] = await Promise.all([
      run(place, 'campaign', 'lst'),
      run(place, '--json', 'campaign', 'extend', 'x', 'soon'),
      run(place, '--config', 'bad.yaml', 'config', 'check'),
    ]);
    expect([unknown.code, asJson.code, bad.code]).toEqual([2, 2, 2]);
    expect(unknown.stderr).toContain('outdial campaign --help');
    expect(JSON.parse(asJson.stderr)).toMatchObject({ error: { code: 'USAGE' } });
    expect(bad.stderr).toContain('queues: ');
    expect(bad.stderr).toContain('Unrecognized key: "colour"');
  });

  test('operators need no secrets of workers, and keys only where call data is read', async () => {
    write(
      'secrets.yaml',
      "secrets: { crm: 'env:NOT_SET' }\nencryption: { current: k1, keys: { k1: 'env:NOT_SET' } }\n" +
        "codecServer: { tokens: { ops: 'env:NOT_SET' } }",
    );
    const secrets = { ...place, env: { ...place.env, NOT_SET: '' } };
    const [list, show, worker, check] = await Promise.all([
      run(secrets, '--config', 'secrets.yaml', 'campaign', 'list'),
      run(secrets, '--config', 'secrets.yaml', 'campaign', 'show', 'absent'),
      run(secrets, '--config', 'secrets.yaml', 'worker'),
      run(secrets, '--config', 'secrets.yaml', 'config', 'check'),
    ]);
    expect([list.code, show.code, worker.code, check.code]).toEqual([0, 2, 2, 2]);
    const missing = ({ stderr }: { stderr: string }): string[] => stderr.match(/\S+(?=: environment variable)/g) ?? [];
    expect(missing(show)).toEqual(['encryption.keys.k1']);
    expect(missing(worker)).toEqual(['secrets.crm', 'encryption.keys.k1']);
    expect(missing(check)).toEqual(['secrets.crm', 'encryption.keys.k1', 'codecServer.tokens.ops']);
  });

  test('a server that is not there ends with 5', async () => {
    const nowhere = { ...place, env: { ...place.env, TEMPORAL_ADDRESS: '127.0.0.1:1' } };
    const [list, doctor] = await Promise.all([run(nowhere, 'campaign', 'list'), run(nowhere, 'doctor')]);
    expect([list.code, doctor.code]).toEqual([5, 5]);
    expect(list.stderr).toMatch(/Start one with `(npx )?outdial dev`/);
  });

  test('config check loads every module', async () => {
    const check = { queues: ['main'], applications: ['app', 'old'] };
    expect(await json(place, 'config', 'check')).toMatchObject(check);
    write('broken.yaml', 'applications: { a: { module: ./absent.mjs }, b: { module: ./app.mjs, export: talk } }');
    const broken = await run(place, '--config', 'broken.yaml', 'config', 'check');
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(/applications\.a: .*can't be loaded[^]*applications\.b: .*exports no function talk/);
  });

  test('commands that need a configuration file say that there is none', async () => {
    const cwd = join(place.cwd, 'empty');
    mkdirSync(cwd);
    const [check, server] = await Promise.all(
      [['config', 'check'], ['codec-server']].map((words) => run({ ...place, cwd }, ...words)),
    );
    const told =
      'error: there is no outdial.yaml, outdial.yml or outdial.json here: write one, or name yours with --config\n';
    expect([check, server]).toMatchObject(Array(2).fill({ code: 2, stderr: told }));
  });

  test('what is not there ends with 3, and a waiting call says that nobody polls', async () => {
    const [show, call] = await Promise.all([
      run(place, 'call', 'show', 'absent'),
      run(place, 'campaign', 'cancel', 'absent'),
    ]);
    expect([show.code, call.code]).toEqual([3, 3]);
    const queued = ['call', 'queue', '--destination', '+16175550110', '--id', 'waiting', ...callOptions];
    await json(place, ...queued);
    const { because } = await json<CallExplanation>(place, 'call', 'explain', 'waiting');
    expect(because.join()).toContain('no worker has asked queue main');
  });
});

describe('with a worker', () => {
  let worker: Running;
  beforeAll(async () => {
    worker = Running.start(place, 'worker');
    expect(await worker.line()).toContain('working for Temporal');
  });

  test('a campaign is started, watched, shown, listed and exported', async () => {
    const id = `c-${randomUUID()}`;
    const started = await json(place, 'campaign', 'start', campaignFile(id), '--reject-file', 'rejects.csv');
    expect(started).toMatchObject({ campaignId: id, alreadyRunning: false, intake: { accepted: 2, rejected: 1 } });
    expect(readFileSync(join(place.cwd, 'rejects.csv'), 'utf8')).toContain('nobody');

    const watched = await run(place, '--json', 'campaign', 'watch', id);
    expect(watched.code).toBe(0);
    const result = JSON.parse(watched.stdout.trim().split('\n').at(-1)!) as CampaignResult;
    expect(result).toMatchObject({ state: 'completed', calls: 3, completed: 1, expired: 1, rejected: 1 });

    const [progress, list, csv, again, exported] = await Promise.all([
      json<CampaignProgress>(place, 'campaign', 'show', id),
      eventually(async () => {
        const listed = await json<{ campaigns: unknown[] }>(
          place,
          'campaign',
          'list',
          '--state',
          'completed',
          '--queue',
          'main',
        );
        return listed.campaigns.length > 0 && listed;
      }),
      run(place, 'campaign', 'export', id, '--format', 'csv'),
      run(place, 'campaign', 'start', `${id}.yaml`),
      json(place, 'campaign', 'export', id, '--out', 'out.ndjson'),
    ]);
    expect(progress.state).toBe('completed');
    expect(list).toMatchObject({ campaigns: [{ campaignId: id, queue: 'main', state: 'completed' }] });
    expect(csv.stdout.split('\r\n')[1]).toMatch(`${id}.1.1,,'+16175550110,completed,,1,answered,voice`);
    expect(again.code).toBe(4);
    expect(again.stderr).toContain('--id');
    expect(exported).toMatchObject({ records: 3 });
    const [first] = readFileSync(join(place.cwd, 'out.ndjson'), 'utf8').split('\n');
    expect(JSON.parse(first!)).toMatchObject({ state: 'completed', result: { heard: 'Ann' } });
  });

  test('a campaign is paused, resumed, extended, filled and canceled; watching it then ends with 1', async () => {
    const id = `c-${randomUUID()}`;
    await json(place, 'campaign', 'start', campaignFile(id, ',"keepOpen":true'));
    const watching = Running.start(place, 'campaign', 'watch', id);
    await watching.line();
    expect(await json(place, 'campaign', 'pause', id)).toHaveProperty('gate.pausedAt');
    expect(await json(place, 'campaign', 'resume', id)).not.toHaveProperty('gate.pausedAt');
    write('more.csv', 'destination\n+16175550111\n');
    expect(await json(place, 'campaign', 'add', id, 'more.csv')).toMatchObject({ intake: { accepted: 1 } });
    expect(await json(place, 'campaign', 'extend', id, '2099-01-01T00:00:00Z')).toMatchObject({
      gate: { expiresAt: Date.parse('2099-01-01T00:00:00Z') },
    });
    expect(await json(place, 'campaign', 'cancel', id, '--hang-up')).toHaveProperty('gate.closing.hangUp', true);
    expect(await watching.code()).toBe(1);
  });

  test('Ctrl-C leaves a watched campaign alone, and says so', async () => {
    const id = `c-${randomUUID()}`;
    await json(place, 'campaign', 'start', campaignFile(id, ',"keepOpen":true'));
    const watching = Running.start(place, 'campaign', 'watch', id);
    await watching.line();
    watching.signal('SIGINT');
    expect(await watching.code()).toBe(130);
    expect(watching.stderr).toContain('the campaign goes on');
    await json(place, 'campaign', 'cancel', id);
  });

  test('a call is queued from a file, explained and canceled', async () => {
    const spec = { destination: '+16175550112', queue: 'main', application: 'app', ani: '+16175550100' };
    write('call.json', JSON.stringify({ ...spec, parameters: { defer: true } }));
    await json(place, 'call', 'queue', 'call.json', '--id', 'deferred');
    const explanation = await eventually(async () => {
      const answer = await json<CallExplanation>(place, 'call', 'explain', 'deferred');
      return answer.nextDialAt !== undefined && answer;
    });
    expect(explanation).toMatchObject({ state: 'queued', because: [expect.stringContaining('beforeDial defers')] });
    expect(await json(place, 'call', 'cancel', 'deferred')).toHaveProperty('gate.closing');
    expect((await run(place, 'call', 'redeliver', 'waiting')).code).toBe(4);
  });

  test('a queue is listed, shown, stopped and started', async () => {
    expect(await json(place, 'queue', 'stop', 'main')).toMatchObject({ queue: 'main', stopped: true, lines: 5 });
    expect(await json(place, 'queue', 'list')).toMatchObject({ queues: [{ queue: 'main', stopped: true }] });
    await json(place, 'call', 'queue', '--destination', '+16175550110', '--id', 'held', ...callOptions);
    const explained = await json<CallExplanation>(place, 'call', 'explain', 'held');
    expect(explained.because.join()).toContain('queue main is stopped');
    const shown = await run(place, 'queue', 'show', 'main');
    expect(shown.stdout).toMatch(/main: stopped: no dial starts; 5 lines, 5 leased to 1 worker process\n {2}\d+@.*: 5/);
    expect(await json(place, 'queue', 'start', 'main')).toMatchObject({ stopped: false });
    await eventually(async () => {
      const { state } = await json<CallRecord>(place, 'call', 'show', 'held');
      return state === 'completed';
    });
    expect((await run(place, 'queue', 'stop', 'absent')).code).toBe(3);
  });

  test('the doctor finds nothing missing on this host, and asks for no queue that the configuration lacks', async () => {
    const { board } = fileStore(place.env['OUTDIAL_DATA_DIR']!);
    await board.publishQueue({ ...(await board.queue('main'))!, queue: 'renamed' });
    const { ok, findings } = await json<{ ok: boolean; findings: Finding[] }>(place, 'doctor', '--here');
    expect(findings.filter(({ lost }) => lost !== undefined)).toEqual([]);
    expect(ok).toBe(true);
    write('client.yaml', '{}');
    const asClient = await run(place, '--config', 'client.yaml', 'doctor');
    expect(asClient.code).toBe(1);
    expect(asClient.stdout).toMatch(/NO .*outdial-queue\/renamed/);
  });

  /** Ctrl-C, until it is answered: one straight after another counts as the same. */
  function interrupt(answer: string): Promise<boolean> {
    return eventually(() => {
      if (!worker.stderr.includes(answer)) worker.signal('SIGINT');
      return worker.stderr.includes(answer);
    });
  }

  test('the first Ctrl-C lets a live call finish, the second hangs it up', async () => {
    // Stays until the engine ends the call.
    await json(place, 'call', 'queue', '--destination', '+16175550149', '--id', 'endless', ...callOptions);
    await eventually(async () => {
      const { state } = await json<CallRecord>(place, 'call', 'show', 'endless');
      return state === 'connected';
    });
    await interrupt('1 live call is left to finish');
    expect(await json(place, 'call', 'show', 'endless')).toMatchObject({ state: 'connected' });
    await interrupt('hanging up');
    expect(await worker.code()).toBe(130);
    expect(await json(place, 'call', 'show', 'endless')).toMatchObject({
      state: 'completed',
      attempts: [{ outcome: 'interrupted' }],
    });
  });
});
