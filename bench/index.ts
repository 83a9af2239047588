/** `npm run bench`: measures outdial against its bounds. Exits with 1 when a figure misses one. */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { calleeTypes } from './callee-types';
import { cost } from './cost';
import { type Figure, type Measurement, meets, Missing } from './figure';
import { gateway } from './gateway';
import { handover } from './handover';
import { history } from './history';
import { type LabOptions, openLab } from './lab';
import { lines } from './lines';
import { memory } from './memory';
import { order } from './order';
import { printTable, toJson } from './report';
import { resume } from './resume';
import { sip } from './sip';
import { throughput } from './throughput';
import { turnaround } from './turnaround';

const figures: Readonly<Record<string, Figure>> = {
  throughput,
  lines,
  turnaround,
  order,
  resume,
  handover,
  cost,
  history,
  memory,
  gateway,
  'callee-types': calleeTypes,
  sip,
};

const usage = `npm run bench -- [options]
  --only <name,…>  ${Object.keys(figures).join(', ')}
  --rounds <n>     rounds of each figure, of which the median counts (3)
  --pause <s>      how long \`resume\` leaves a campaign paused (10)
  --json           print one line of JSON at the end`;

interface Options extends LabOptions {
  readonly names: readonly string[];
  readonly json: boolean;
}

/** @returns whether every figure that this machine can measure was, and keeps its bound */
async function bench({ names, json, ...options }: Options): Promise<boolean> {
  const startedAt = performance.now();
  const lab = await openLab(options);
  lab.say(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`);
  const measurements: Measurement[] = [];
  const errors: string[] = [];
  const skipped: string[] = [];
  try {
    for (const name of names) {
      await figures[name]!(lab).then(
        (rows) => measurements.push(...rows),
        (error: unknown) => {
          if (error instanceof Missing) skipped.push(`${name}: ${error.message}`);
          else errors.push(`${name}: ${String(error)}`);
        },
      );
    }
  } finally {
    await lab.close();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  printTable({ measurements, skipped, errors, seconds });
  if (json) console.log(toJson({ measurements, skipped, errors, seconds }));
  return errors.length === 0 && measurements.every(({ measured, bound }) => meets(measured, bound));
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      pause: { type: 'string', default: '10' },
      json: { type: 'boolean' },
    },
  });
  const names = values.only?.split(',') ?? Object.keys(figures);
  const unknown = names.filter((name) => !Object.hasOwn(figures, name));
  if (unknown.length > 0) throw new Error(`no figure ${unknown.join(', ')}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be 1 or more');
  const pauseMs = Number(values.pause) * 1_000;
  if (!(pauseMs >= 0)) throw new Error('--pause must be seconds');
  return { names, rounds, pauseMs, json: values.json ?? false };
}

async function main(): Promise<void> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`);
    process.exit(2);
  }
  const ok = await bench(options);
  process.exit(ok ? 0 : 1);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
