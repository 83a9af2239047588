/**
 * How well beeps are found in the clips of one half where somebody or something speaks:
 *
 *     node --import tsx scripts/callee-type-corpus/beeps.ts FOLDER/tune
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BeepDetector, frameMs, frameSize } from '../../src/callee-type';
import { readWav } from '../../src/callee-type/wav';
import type { Label } from './clips';

const folder = process.argv[2];
if (folder === undefined) throw new Error('name the folder of a half');
const labels = (JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Label[]).filter(
  ({ calleeType }) => calleeType === 'voice' || calleeType === 'answeringmachine',
);

/** Where a beep is taken for over, it is not to be before: what is said then is not recorded. */
const earlyMs = 40;
const found: number[] = [];
const wrong: string[] = [];
for (const { file, beepEndsAtMs } of labels) {
  const at = beepAt(readWav(readFileSync(join(folder, file))));
  if (at === undefined && beepEndsAtMs !== undefined) wrong.push(`${file}: missed`);
  else if (at !== undefined && beepEndsAtMs === undefined) wrong.push(`${file}: heard at ${at} ms, there is none`);
  else if (at !== undefined && at < beepEndsAtMs! - earlyMs)
    wrong.push(`${file}: heard at ${at} ms, not ${beepEndsAtMs} ms`);
  else if (at !== undefined) found.push(at - beepEndsAtMs!);
}
const beeps = labels.filter(({ beepEndsAtMs }) => beepEndsAtMs !== undefined).length;
found.sort((a, b) => a - b);
console.log(wrong.join('\n'));
console.log(
  `${found.length} of ${beeps} beeps found; of ${labels.length - beeps} clips without one, ${falseAlarms()} have one heard`,
);
console.log(`heard after the beep's end: median ${found[found.length >> 1]} ms, longest ${found.at(-1)} ms`);

function falseAlarms(): number {
  return wrong.filter((line) => line.endsWith('there is none')).length;
}

function beepAt(samples: Int16Array): number | undefined {
  const detector = new BeepDetector();
  for (let at = 0; at + frameSize <= samples.length; at += frameSize) {
    if (detector.push(samples.subarray(at, at + frameSize))) return (at / frameSize + 1) * frameMs;
  }
  return undefined;
}
