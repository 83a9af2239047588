/** Text on queues of the configuration file: a module or a program speaks it, and the telephone hears it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simulatedNumber, type Speech } from 'outdial/worker';
import { readConfigFile } from '../../src/cli/config-file';
import { loadModules } from '../../src/cli/load-modules';
import { makeTrunk } from '../../src/cli/host/make-trunk';
import { commandSpeech } from '../../src/cli/speech-command';
import { LoopbackCallee } from '../../src/trunks/sip/loopback';
import { eventually } from '../support/eventually';
import { endAll, json, type Place, Running } from './command';

let folder: string;
let network: LoopbackCallee;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'outdial-speech-'));
  network = await LoopbackCallee.start({ ringMs: 100, talkMs: 30_000 });
  const tone = 'Array.from({ length: 8000 }, (_, i) => 8000 * Math.sin(i / 3))';
  writeFileSync(join(folder, 'speech.js'), `exports.speak = async (text) => Int16Array.from(${tone});`);
  writeFileSync(join(folder, 'bytes.js'), `exports.default = async (text) => Buffer.alloc(1600);`);
  // A WAV file of 16 kHz whose length is not known before its end.
  const header =
    "Buffer.from('524946460000000057415645666d74201000000001000100803e0000007d0000020010006461746100000000', 'hex')";
  const speaks = `let text = ''; process.stdin.on('data', (part) => (text += part)).on('end', () => {
  if (text === 'wait') return setInterval(() => 0, 1000);
  if (text === 'fail') return console.error('no such voice'), (process.exitCode = 3);
  if (text === 'text') return console.log('I speak no WAV');
  process.stdout.write(Buffer.concat([${header}, Buffer.from(Int16Array.from(${tone}.flatMap((x) => [x, x])).buffer)]));
});`;
  writeFileSync(join(folder, 'speak.js'), speaks);
});
afterAll(async () => {
  await endAll();
  await network.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

const program = {
  command: [process.execPath, './speak.js'],
  get folder() {
    return folder;
  },
};

function write(speech: string): string {
  const file = join(folder, 'outdial.yaml');
  const queue = `{ trunk: { sip: { servers: ['${network.uri}'] } }, lines: 2, callerIds: ['+16175550100'] }`;
  writeFileSync(file, `queues: { main: ${queue} }\n${speech}`);
  return file;
}

async function speechOf(text: string): Promise<Speech | undefined> {
  return (await loadModules(readConfigFile(write(text), ['secrets']).settings)).speech;
}

const modules = 'speech: { module: ./speech.js, export: speak }';
const programs = `speech: { command: [${process.execPath}, ./speak.js] }`;

test.each([
  ['a module', modules],
  ['a program', programs],
])('%s speaks', async (_what, text) => {
  const speech = (await speechOf(text))!;
  const trunk = makeTrunk({ sip: { servers: [network.uri] } }, { speech });
  try {
    const call = trunk.place({
      ...{ callId: 'call', attempt: 1, destination: simulatedNumber('voice', 3), ani: '+16175550100' },
      ringTimeoutMs: 5_000,
    });
    await call.play('Press something.');
    // A person presses the last digit of their number once they have heard the caller out.
    expect(await call.gather({ finishOn: '#', timeoutMs: 10_000 })).toBe('3');
  } finally {
    await trunk.close?.();
  }
});

test.each([
  [
    'without speech',
    undefined,
    'play: text needs speech: an option of the trunk, and a field of the configuration file',
  ],
  ['bytes', 'speech: { module: ./bytes.js }', 'play: sound must be an Int16Array of 16-bit PCM at 8 kHz'],
])('%s nothing can be played', async (_what, text, message) => {
  const speech = text && (await speechOf(text));
  const trunk = makeTrunk({ sip: { servers: [network.uri] } }, speech ? { speech } : {});
  try {
    const destination = simulatedNumber('voice', 4);
    const call = trunk.place({ callId: 'call', attempt: 2, destination, ani: '+16175550100', ringTimeoutMs: 5_000 });
    await expect(call.play('Hello.')).rejects.toThrow(message);
  } finally {
    await trunk.close?.();
  }
});

test.each([
  ['{ module: ./absent.js }', 'speech: ' + ".*absent.js can't be loaded"],
  ['{ module: ./speech.js }', 'speech: .*speech.js exports no function default; it exports'],
  ['{ command: [] }', 'speech.command: must name a program'],
  ['{ command: espeak }', 'speech.command: Invalid input: expected array'],
  ['{ command: [espeak], module: ./speech.js }', 'speech: Unrecognized key: "module"'],
  ['espeak', 'speech: Invalid input: expected object'],
])('%s is refused', async (speech, message) => {
  await expect((async () => speechOf(`speech: ${speech}`))()).rejects.toThrow(new RegExp(message));
});

test.each([
  ['fail', /^speech: .*node.*: it ended with code 3: no such voice$/],
  ['text', /^speech: .*node.*: it is not a WAV file$/],
])('a program that does not speak says why: %s', async (text, message) => {
  await expect(commandSpeech(program)(text)).rejects.toThrow(message);
});

test('a program that takes too long is ended, and one that is not there is told', async () => {
  await expect(commandSpeech(program, 300)('wait')).rejects.toThrow(/it took longer than 300 ms$/);
  const absent = { command: ['./no-such-program'], folder };
  await expect(commandSpeech(absent)('hello')).rejects.toThrow(/^speech: \.\/no-such-program: .*ENOENT/);
});

test('queues of the command speak', async () => {
  write(modules);
  const place: Place = {
    cwd: folder,
    env: { OUTDIAL_DATA_DIR: join(folder, 'data'), TEMPORAL_ADDRESS: '', TEMPORAL_NAMESPACE: '' },
  };
  const dev = Running.start(place, '--json', 'dev');
  const { address } = JSON.parse(await dev.line()) as { address: string };
  const client = { ...place, env: { ...place.env, TEMPORAL_ADDRESS: address } };
  const options = ['--queue', 'main', '--application', 'echo', '--ani', '+16175550100', '--id', 'spoken'];
  await json(client, 'call', 'queue', '--destination', simulatedNumber('voice', 7), ...options);
  const call = await eventually(async () => {
    const now = await json<{ state: string }>(client, 'call', 'show', 'spoken');
    return now.state === 'completed' && now;
  }, 60_000);
  expect(call).toMatchObject({ state: 'completed', result: { digits: '7' } });
  dev.signal('SIGINT');
  expect(await dev.code()).toBe(0);
}, 180_000);
