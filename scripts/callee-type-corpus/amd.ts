/**
 * What Asterisk's AMD() makes of the clips of one half, with the amd.conf that comes with Asterisk:
 *
 *     node --import tsx scripts/callee-type-corpus/amd.ts FOLDER/unheard
 *
 * Each clip is played by one leg of a Local channel while the other one runs AMD(), in real time, many at once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { accuracyOf, detectedTypes } from '../../src/callee-type/accuracy';
import { unpackedAsterisk } from '../../test/interop/support/unpacked-asterisk';
import type { Label } from './clips';

const atOnce = 60;
/** AMD() takes 5 s at most. */
const longestMs = 15_000;
const typeOf: Readonly<Record<string, Label['calleeType']>> = {
  HUMAN: 'voice',
  MACHINE: 'answeringmachine',
  NOTSURE: 'unknown',
};

async function main(half: string | undefined): Promise<void> {
  if (half === undefined) throw new Error('name the folder of a half');
  const clips = resolve(half);
  const labels = JSON.parse(readFileSync(join(clips, 'manifest.json'), 'utf8')) as Label[];
  const root = await unpackedAsterisk((line) => console.error(line));
  const folder = mkdtempSync(join(tmpdir(), 'outdial-amd-'));
  configure(root, folder, clips);
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const asterisk = spawn(
    join(libraries, 'ld-linux-x86-64.so.2'),
    ['--library-path', libraries, join(root, 'usr/sbin/asterisk'), '-C', join(folder, 'asterisk.conf'), '-f', '-n'],
    { stdio: 'ignore' },
  );
  try {
    await until(() => existsSync(join(folder, 'run/asterisk.ctl')), 30_000);
    report(labels, await runAll(folder, labels));
  } finally {
    asterisk.kill('SIGKILL');
    if (asterisk.exitCode === null && asterisk.signalCode === null) await once(asterisk, 'exit');
    rmSync(folder, { recursive: true, force: true });
  }
}

function configure(root: string, folder: string, clips: string): void {
  for (const name of ['spool/outgoing', 'spool/tmp', 'run', 'log', 'lib', 'results']) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  const files = {
    'asterisk.conf': `[directories]
astetcdir => ${folder}
astmoddir => ${root}/usr/lib/x86_64-linux-gnu/asterisk/modules
astvarlibdir => ${folder}/lib
astdatadir => ${root}/usr/share/asterisk
astdbdir => ${folder}/lib
astspooldir => ${folder}/spool
astrundir => ${folder}/run
astlogdir => ${folder}/log
`,
    'modules.conf': `[modules]
autoload=no
load=pbx_config.so
load=pbx_spool.so
load=app_amd.so
load=app_playback.so
load=format_wav.so
load=app_system.so
load=res_timing_timerfd.so
`,
    'logger.conf': '[logfiles]\n',
    'extensions.conf': `[clip]
exten => _X!,1,Answer(,i)
 same => n,Playback(${clips}/\${CLIP})
 same => n,Wait(10)
[amd]
exten => _X!,1,AMD()
 same => n,System(cd ${folder}/results && echo \${AMDSTATUS} > \${EXTEN}.new && mv \${EXTEN}.new \${EXTEN})
 same => n,Hangup()
`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  copyFileSync(join(root, 'etc/asterisk/amd.conf'), join(folder, 'amd.conf'));
}

/** Status by the clip's place in the list. */
async function runAll(folder: string, labels: readonly Label[]): Promise<string[]> {
  const results: string[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < labels.length) {
      const n = next++;
      const name = String(n);
      const call = [
        `Channel: Local/${name}@clip/n`,
        `Setvar: __CLIP=${basename(labels[n]!.file, '.wav')}`,
        'Context: amd',
        `Extension: ${name}`,
        'Priority: 1',
      ];
      const result = join(folder, 'results', name);
      writeFileSync(join(folder, 'spool/tmp', name), `${call.join('\n')}\n`);
      // Asterisk takes a file as soon as it is there.
      renameSync(join(folder, 'spool/tmp', name), join(folder, 'spool/outgoing', name));
      await until(() => existsSync(result), longestMs);
      results[n] = readFileSync(result, 'utf8').trim();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

async function until(holds: () => boolean, withinMs: number): Promise<void> {
  for (const end = Date.now() + withinMs; !holds();) {
    if (Date.now() > end) throw new Error('Asterisk gave no answer');
    await sleep(50);
  }
}

function report(labels: readonly Label[], results: readonly string[]): void {
  const judged = labels.map((label, n) => {
    return { label, expected: label.calleeType, answered: typeOf[results[n]!] ?? 'unknown' } as const;
  });
  console.log(['is \\ taken for', ...detectedTypes].join('\t'));
  for (const type of detectedTypes) {
    const of = judged.filter(({ expected }) => expected === type);
    const counts = detectedTypes.map((taken) => of.filter(({ answered }) => answered === taken).length);
    console.log([type, ...counts].join('\t'));
  }
  const groups = {
    all: judged,
    'voice and answeringmachine': judged.filter(
      ({ expected }) => expected === 'voice' || expected === 'answeringmachine',
    ),
    voice: judged.filter(({ expected }) => expected === 'voice'),
    answeringmachine: judged.filter(({ expected }) => expected === 'answeringmachine'),
    'human recordings': judged.filter(({ label }) => label.recorded),
  };
  for (const [name, group] of Object.entries(groups)) {
    const { right, recordings, share, from, to } = accuracyOf(group);
    const [at, low, high] = [share, from, to].map((value) => `${(value * 100).toFixed(2)} %`);
    console.log(`${name}: ${right} of ${recordings}, ${at} (${low} – ${high})`);
  }
}

void main(process.argv[2]);
