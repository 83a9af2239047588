/** `npm run bench`: measures outdial against its bounds. Exits with 1 when a figure misses one. */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figure, type Measurement, meets } from './figure';
import { history } from './history';
import { type Lab, openLab } from './lab';
import { lines } from './lines';
import { memory } from './memory';
import { order } from './order';
import { printTable, toJson } from './report';
import { throughput } from './throughput';
import { turnaround } from './turnaround';

const figures: Readonly<Record<string, Figure>> = { throughput, lines, turnaround, order, history, memory };

const usage = `npm run bench -- [options]
  --only <name,…>  ${Object.keys(figures).join(', ')}
  --rounds <n>     rounds of each figure, of which the median counts (3)
  --json           print one line of JSON at the end`;

async function main(): Promise<boolean> {
  const { names, rounds, json } = readOptions();
  const startedAt = performance.now();
  const lab = await openLab(rounds);
  endBySignals(lab);
  lab.say(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`);
  const measurements: Measurement[] = [];
  const errors: string[] = [];
  try {
    for (const name of names) {
      await figures[name]!(lab).then(
        (rows) => measurements.push(...rows),
        (error: unknown) => errors.push(`${name}: ${String(error)}`),
      );
    }
  } finally {
    await lab.close();
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  printTable(measurements, errors, seconds);
  if (json) console.log(toJson(measurements, errors, seconds));
  return errors.length === 0 && measurements.every(({ measured, bound }) => meets(measured, bound));
}

function readOptions(): { names: string[]; rounds: number; json: boolean } {
  const { values } = parseArgs({
    options: { only: { type: 'string' }, rounds: { type: 'string', default: '3' }, json: { type: 'boolean' } },
  });
  const names = values.only?.split(',') ?? Object.keys(figures);
  const unknown = names.filter((name) => !(name in figures));
  if (unknown.length > 0) throw new Error(`no figure ${unknown.join(', ')}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be 1 or more');
  return { names, rounds, json: values.json ?? false };
}

function endBySignals(lab: Lab): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void lab.close().finally(() => process.exit(1)));
  }
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.error(usage);
    process.exit(1);
  },
);
