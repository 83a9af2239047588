/** `npm run chaos`: calls under load while all that carries them is killed. Exits with 1 when an invariant is violated. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepare } from '../support/prepare';
import { installQuietRuntime } from '../support/quiet-runtime';
import { commandOf, readOptions, usage, type Options } from './options';
import { runOverload } from './overload';
import { callsPerRound, drawRound } from './draw';
import { Report } from './report';
import { openWitnesses, runRound } from './round';
import { Stage } from './stage';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** @returns how much was violated */
async function run(options: Options, folder: string): Promise<number> {
  installQuietRuntime();
  await prepare(folder, say);
  const stage = await Stage.open(folder, options.store);
  const violations = options.overload
    ? await runOverload(stage, options.calls!, folder, say)
    : await runRounds(stage, options, folder);
  const stuck = await stage.close();
  for (const name of stuck) say(`${name} did not end well when it was asked to`);
  // As good as killed: what is promised holds all the same.
  for (const { name, ownEnds } of stage.workers) if (ownEnds > 0) say(`${name} ended by itself ${ownEnds} times`);
  return violations + stuck.length;
}

async function runRounds(stage: Stage, { seed, calls, minutes, keep }: Options, folder: string): Promise<number> {
  const startedAt = Date.now();
  const elapsedMs = (): number => Date.now() - startedAt;
  const witnesses = openWitnesses(stage);
  const report = new Report(folder, keep);
  let longestMs = 0;
  // Rounds are begun that end in time, going by those before. What was accepted is not asked: the plan goes by the seed alone.
  const goesOn = (round: number): boolean =>
    minutes === undefined ? round * callsPerRound < calls! : round === 0 || elapsedMs() + longestMs < minutes * 60_000;
  for (let round = 0; goesOn(round); round++) {
    const size = Math.min(callsPerRound, (calls ?? Infinity) - round * callsPerRound);
    const begunAt = Date.now();
    say(`round ${round} of seed ${seed}, ${size} calls`);
    const result = await runRound(stage, drawRound(seed, round, size), witnesses, say);
    longestMs = Math.max(longestMs, Date.now() - begunAt);
    say(report.add(round, result));
  }
  report.print(elapsedMs() / 1_000);
  return report.violations.length;
}

async function main(): Promise<void> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  const folder = mkdtempSync(join(tmpdir(), 'outdial-chaos-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  process.once('exit', remove);
  const violations = await run(options, folder);
  if (options.keep || violations > 0) {
    process.off('exit', remove);
    console.log(`\nThe evidence is in ${folder}`);
    console.log(`repeat it with ${commandOf(options)}`);
  }
  process.exit(violations === 0 ? 0 : 1);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
