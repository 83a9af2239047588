/** Runs the blocks of README.md, and of docs/guides/encryption.md, as they stand there. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { fileStore, Outdial } from 'outdial';
import { type DevServer, startDevServer } from '../../src/dev-server';
import { Receiver } from '../support/receiver';
import { temporalCliPath } from '../support/server';
import { blockOf, blocksOf, commandsOf, read } from './blocks';
import { patience, ReadersFolder } from './readers-folder';

const folder = new ReadersFolder();
let server: DevServer;
let connection: Connection;
let receiver: Receiver;

beforeAll(async () => {
  server = await startDevServer({ cli: temporalCliPath() });
  connection = await Connection.connect({ address: server.address });
  receiver = await Receiver.start();
}, patience);
afterAll(async () => {
  await folder.remove();
  await receiver?.stop();
  await connection?.close();
  await server?.stop();
});

/** The block where its reader is: with this server, and a receiver on this machine. */
function here(block: string): string {
  return block
    .replaceAll('localhost:7233', server.address)
    .replace('\n  queues: {', "\n  resultNetworks: ['127.0.0.0/8'],\n  queues: {")
    .replaceAll('https://clinic.example/outdial/results', receiver.url);
}

test("README's first commands are those that .ci/run runs on every change", () => {
  const ci = read('.ci/run')
    .split('\n')
    .map((line) => line.replace(/^step /, ''));
  for (const command of commandsOf(blocksOf('README.md')[0]!.text)) {
    expect(ci.some((line) => line === command || line.startsWith(`${command} -- `))).toBe(true);
  }
});

test(
  "README's programs are sound TypeScript",
  async () => {
    folder.write('worker.mts', here(blockOf('README.md', 'ts')));
    folder.write('backend.mts', here(blockOf('README.md', 'ts', 1)));
    const compilerOptions = { module: 'nodenext', target: 'es2022', lib: ['es2023'], strict: true, noEmit: true };
    folder.write('tsconfig.json', JSON.stringify({ compilerOptions: { ...compilerOptions, skipLibCheck: true } }));
    const compiling = folder.start('npx tsc -p .');
    await compiling.ended;
    // The package's own sources have checks of their own.
    expect(compiling.stdout.split('\n').filter((line) => /^\w+\.mts/.test(line))).toEqual([]);
  },
  patience,
);

test(
  "README's worker takes the calls of README's backend service",
  async () => {
    folder.copy('examples/appointments.csv', 'appointments.csv');
    const worker = folder.start('npx tsx worker.mts');
    const output = await folder.run('npx tsx backend.mts');
    expect(output.trim().split('\n')).toHaveLength(61);
    expect(output).toMatch(/^appointments-2026-11-24\.1\.1 canceled campaign-canceled$/m);
    expect(receiver.posts.map(({ event }) => event.type)).toContain('campaign.canceled');

    const outdial = new Outdial({ client: new Client({ connection }), store: fileStore(join(folder.path, 'data')) });
    const parameters = { name: 'Zoe' };
    const shared = { queue: 'reminders', application: 'reminder', ani: '+16175550100', parameters };
    const call = await outdial.queueCall({ destination: '+16175550149', ...shared });
    expect(await call.result()).toMatchObject({
      state: 'completed',
      calleeType: 'voice',
      result: { confirmed: false },
    });

    await worker.stop('SIGTERM');
    expect(worker.stderr).not.toMatch(/\berror\b/i);
  },
  patience,
);

const before = `
import { Client, Connection } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { Outdial } from 'outdial';
import { createWorkers, simulatedTrunk } from 'outdial/worker';
const connection = await NativeConnection.connect({ address: 'localhost:7233' });
const client = new Client({ connection: await Connection.connect({ address: 'localhost:7233' }) });
`;

const around = (block: string): string => `${before}
const main = { trunk: simulatedTrunk({ ringMs: 0, talkMs: 0 }), lines: 1, callerIds: ['+16175550100'] };
const queues = { main };
const applications = { reminder: () => 'heard' };
${block}
await workers.runUntil(async () => {
  const shared = { queue: 'main', application: 'reminder', ani: '+16175550100' };
  const call = await outdial.queueCall({ callId: 'sealed', destination: '+16175550123', ...shared });
  const { result } = await call.result();
  const others = { current: 'other', keys: { other: Buffer.alloc(32, 7).toString('base64') } };
  const withoutKey = await new Outdial({ client, encryption: others }).call('sealed').record().catch(({ code }) => code);
  console.log(result, withoutKey);
});
await Promise.all([connection.close(), client.connection.close()]);
`;

test(
  "the encryption guide's keys seal",
  async () => {
    folder.env['OUTDIAL_KEY'] = randomBytes(32).toString('base64');
    folder.write('encryption.mts', here(around(blockOf('docs/guides/encryption.md', 'ts'))));
    expect(await folder.run('npx tsx encryption.mts')).toContain('heard SEALED');
  },
  patience,
);

const aroundPci = (block: string): string => `${before}
const encryption = { current: 'k', keys: { k: process.env.OUTDIAL_KEY! } };
const applications = { reminder: () => 'paid' };
const trunk = simulatedTrunk({ ringMs: 0, talkMs: 0 });
const payTrunk = trunk;
const call = { callId: 'pay', destination: '+16175550123', application: 'reminder', ani: '+16175550101' };
${block}
await workers.runUntil(async () => {
  const { isPci, result } = await new Outdial({ client, encryption }).call('pay').result();
  const withoutKeys = await new Outdial({ client }).call('pay').record().catch(({ code }) => code);
  console.log(isPci, result, withoutKeys);
});
await Promise.all([connection.close(), client.connection.close()]);
`;

test(
  "the encryption guide's PCI call is dialed",
  async () => {
    folder.env['OUTDIAL_KEY'] = randomBytes(32).toString('base64');
    folder.write('pci.mts', here(aroundPci(blockOf('docs/guides/encryption.md', 'ts', 1))));
    expect(await folder.run('npx tsx pci.mts')).toContain('true paid SEALED');
  },
  patience,
);
