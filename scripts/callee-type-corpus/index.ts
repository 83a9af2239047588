/**
 * Makes a labelled set of calls' first seconds to tune callee-type detection with, and to measure it:
 *
 *     node --import tsx scripts/callee-type-corpus [--out FOLDER]
 *
 * The set that tunes and the set that is only measured share no voice and no text. Made of seven speech synthesizers, sox and
 * recorded persons, all of them packages of Debian; the same clips in every run on the same versions.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { clips, type Label } from './clips';
import { packageVersions } from './packages';
import { Speech } from './speech';
import type { Batch } from './texts';
import { wavOf } from '../../test/support/wav';

/** The second and the third batch were measured once each, in their own right; then they joined what tunes. */
const sets: Readonly<Record<string, readonly Batch[]>> = { tune: ['first', 'second', 'third'], unheard: ['fourth'] };

const { values } = parseArgs({ options: { out: { type: 'string' } } });
const out = resolve(values.out ?? join(homedir(), '.cache/outdial/callee-type-corpus'));

const versions = packageVersions();
const sha256: Record<string, string> = {};
const speech = new Speech(out);
for (const [set, batches] of Object.entries(sets)) {
  const folder = join(out, set);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const labels: Label[] = [];
  const hash = createHash('sha256');
  for (const batch of batches) {
    for (const { label, samples } of clips(batch, speech, join(out, 'scratch'))) {
      const file = wavOf(samples);
      writeFileSync(join(folder, label.file), file);
      hash.update(JSON.stringify(label)).update(file);
      labels.push(label);
    }
  }
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(labels, null, 1)}\n`);
  sha256[set] = hash.digest('hex');
  console.log(`${labels.length} clips in ${folder}`);
}
writeFileSync(join(out, 'made-of.json'), `${JSON.stringify({ versions, sha256 }, null, 2)}\n`);
