/**
 * Makes a labelled set of calls' first seconds to tune callee-type detection with, and to measure it:
 *
 *     node --import tsx scripts/callee-type-corpus [--out FOLDER]
 *
 * The half that tunes and the half that is only measured share no voice and no text. Made of espeak-ng, flite, festival, sox and
 * the recorded prompts of Asterisk, all of them packages of Debian; the same clips in every run on the same versions.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clips, type Label } from './clips';
import { packageVersions } from './packages';
import { Speech } from './speech';

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const out = resolve(values.out ?? join(homedir(), '.cache/outdial/callee-type-corpus'));

const versions = packageVersions();
const sha256: Record<string, string> = {};
const speech = new Speech(out);
for (const half of ['tune', 'unheard'] as const) {
  const folder = join(out, half);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const labels: Label[] = [];
  const hash = createHash('sha256');
  for (const { label, samples } of clips(half, speech, join(out, 'scratch'))) {
    const file = wav(samples);
    writeFileSync(join(folder, label.file), file);
    hash.update(JSON.stringify(label)).update(file);
    labels.push(label);
  }
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(labels, null, 1)}\n`);
  sha256[half] = hash.digest('hex');
  console.log(`${labels.length} clips in ${folder}`);
}
writeFileSync(join(out, 'made-of.json'), `${JSON.stringify({ versions, sha256 }, null, 2)}\n`);

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
