/**
 * Makes a labelled set of calls' first seconds to tune callee-type detection with, and to measure it:
 *
 *     node --import tsx scripts/callee-type-corpus [--out FOLDER]
 *
 * The half that tunes and the half that is only measured share no voice and no text. Made of espeak-ng, flite, festival, sox and
 * the recorded prompts of Asterisk, all of them packages of Debian; the same clips in every run on the same versions.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clips, type Label } from './clips';
import { Speech } from './speech';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const out = resolve(values.out ?? join(homedir(), '.cache/outdial/callee-type-corpus'));

const speech = new Speech(out);
for (const half of ['tune', 'unheard'] as const) {
  const folder = join(out, half);
  mkdirSync(folder, { recursive: true });
  const labels: Label[] = [];
  for (const { label, samples } of clips(half, speech, join(out, 'scratch'))) {
    writeFileSync(join(folder, label.file), wav(samples));
    labels.push(label);
  }
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(labels, null, 1)}\n`);
  console.log(`${labels.length} clips in ${folder}`);
}

function wav(samples: Int16Array): Uint8Array {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(16_000, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}
