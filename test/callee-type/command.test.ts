/** `outdial callee-type` as its users run it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endAll, type Place, run } from '../cli/command';
import { wavOf } from '../support/wav';
import { hello, joined, onLine, silence, speech, tone } from './sounds';

let place: Place;
beforeAll(() => {
  place = { cwd: mkdtempSync(join(tmpdir(), 'outdial-callee-type-')), env: {} };
  write('person.wav', wavOf(onLine(joined(silence(400), hello()))));
  write('machine.wav', wavOf(onLine(joined(silence(300), speech(5_000)))));
  write('fax.wav', wavOf(onLine(joined(silence(1_800), tone([2_100], 3_000)))));
  write('text.wav', 'no recording');
});
afterAll(async () => {
  await endAll();
  rmSync(place.cwd, { recursive: true, force: true });
});

function write(name: string, content: string | Uint8Array): void {
  writeFileSync(join(place.cwd, name), content);
}

const lines = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

test('one line for each recording', async () => {
  const [people, programs] = await Promise.all([
    run(place, 'callee-type', 'person.wav', 'machine.wav'),
    run(place, '--json', 'callee-type', 'person.wav', 'machine.wav', 'fax.wav'),
  ]);
  expect(people.code).toBe(0);
  expect(people.stdout).toMatch(/^person\.wav: voice \(short-greeting\) at \d+ ms\nmachine\.wav: answeringmachine /);
  const decidedAtMs = expect.any(Number) as number;
  expect(lines(programs.stdout)).toEqual([
    { file: 'person.wav', calleeType: 'voice', reason: 'short-greeting', decidedAtMs },
    { file: 'machine.wav', calleeType: 'answeringmachine', reason: 'long-greeting', decidedAtMs },
    { file: 'fax.wav', calleeType: 'fax', reason: 'fax-answer-tone', decidedAtMs },
  ]);
});

test('with a manifest it says how often it was right', async () => {
  const labels = [
    { file: 'person.wav', calleeType: 'voice', kind: 'short', recorded: true },
    { file: 'machine.wav', calleeType: 'voice', kind: 'long' },
    { file: 'fax.wav', calleeType: 'fax' },
  ];
  write('manifest.json', JSON.stringify(labels));
  const [people, programs] = await Promise.all([
    run(place, 'callee-type', '--expect', 'manifest.json'),
    run(place, '--json', 'callee-type', '--expect', 'manifest.json', 'person.wav', 'machine.wav'),
  ]);
  expect([people.code, programs.code]).toEqual([0, 0]);
  // What was right is not named.
  expect(people.stdout).toMatch(/^\S+machine\.wav: answeringmachine \(long-greeting\) at \d+ ms, and not voice\n {2}/);
  expect(people.stdout).toMatch(/all +3 +2 +66\.67 % +20\.77 % – 93\.85 %/);
  expect(people.stdout).toMatch(/human recordings +1 +1 +100\.00 %/);
  expect(people.stdout).toMatch(/short +1 +1 .*\n *long +1 +0/);
  expect(people.stdout).toMatch(/taken for +voice +answeringmachine +fax +unknown\nvoice +1 +1 +0 +0/);
  expect(lines(programs.stdout).at(-1)).toMatchObject({
    accuracy: expect.arrayContaining([expect.objectContaining({ group: 'all', recordings: 2, right: 1 })]) as unknown,
    confusion: { voice: { voice: 1, answeringmachine: 1 } },
  });
});

test('options come from the configuration, and before that from a file of their own', async () => {
  write('outdial.yaml', 'calleeType: { mostSpeechMs: 200 }');
  write('options.json', '{ "mostSpeechMs": 2200 }');
  write('bad.json', '{ "mostSpeech": 2200 }');
  write('bad.yaml', 'calleeType: { windowMs: 1 }');
  const [configured, own, bad, badConfig] = await Promise.all([
    run(place, 'callee-type', 'person.wav'),
    run(place, 'callee-type', 'person.wav', '--options', 'options.json'),
    run(place, 'callee-type', 'person.wav', '--options', 'bad.json'),
    run(place, '--config', 'bad.yaml', 'callee-type', 'person.wav'),
  ]);
  expect(configured.stdout).toContain('answeringmachine (much-speech)');
  expect(own.stdout).toContain('voice (short-greeting)');
  expect([bad.code, badConfig.code]).toEqual([2, 2]);
  expect(bad.stderr).toContain('bad.json is wrong: mostSpeech is no option');
  expect(badConfig.stderr).toContain('calleeType: windowMs must be a number from 20 to 60000, not 1');
  rmSync(join(place.cwd, 'outdial.yaml'));
});

test('errors name the file and what to do; the other recordings are heard', async () => {
  write('labels.yaml', '- { file: person.wav, calleeType: human }');
  write('one.yaml', '- { file: person.wav, calleeType: voice }');
  const [mixed, absent, none, labels, unlabelled] = await Promise.all([
    run(place, 'callee-type', 'text.wav', 'person.wav'),
    run(place, '--json', 'callee-type', 'absent.wav'),
    run(place, 'callee-type'),
    run(place, 'callee-type', '--expect', 'labels.yaml'),
    run(place, 'callee-type', '--expect', 'one.yaml', 'person.wav', 'fax.wav'),
  ]);
  expect([mixed, absent, none, labels, unlabelled].map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
  expect(mixed.stderr).toContain('text.wav: it is not a WAV file; sox ');
  expect(mixed.stdout).toContain('person.wav: voice');
  expect(JSON.parse(absent.stderr)).toMatchObject({ error: { code: 'INVALID_SPEC' } });
  expect(absent.stderr).toContain("absent.wav can't be read: ENOENT");
  expect(none.stderr).toContain('name recordings, or a manifest of them with --expect');
  expect(labels.stderr).toContain('labels.yaml is wrong; it is a list of');
  expect(labels.stderr).toContain('0.calleeType');
  expect(unlabelled.stderr).toContain('fax.wav is not in one.yaml');
});
