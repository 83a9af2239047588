/** `npm run scale`: what becomes of the costs when a campaign is large: `--calls`, or has many segments open: `--segments`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { bundleWorkflows } from 'outdial/worker';
import { meets } from '../figure';
import { printTable } from '../report';
import { evenness, manyCalls } from './many-calls';
import { manySegments } from './many-segments';
import type { Row } from './setting';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { calls: { type: 'string' }, segments: { type: 'string' }, json: { type: 'boolean' } },
  });
  const [unit, measure, given] =
    values.segments === undefined
      ? (['calls', manyCalls, values.calls ?? '1000,10000'] as const)
      : (['segments', manySegments, values.segments] as const);
  const sizes = given.split(',').map(Number);
  if (!sizes.every((size) => Number.isInteger(size) && size > 0)) throw new Error(`--${unit} is a list of numbers`);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1));
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, shutdownSignals: [] });
  console.error(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`);
  const folder = mkdtempSync(join(tmpdir(), 'outdial-scale-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const bundle = join(folder, 'workflows.js');
  await writeFile(bundle, (await bundleWorkflows({ logger })).code);
  const rows: Row[] = [];
  for (const size of sizes) {
    const row = await measure(size, { folder, bundle });
    // What comes after it may fail, an hour later.
    console.error(`${size} ${unit}: ${JSON.stringify(row)}`);
    rows.push(row);
  }
  const columns = (name: string): Row => Object.fromEntries(rows.map((row, n) => [`${sizes[n]} ${unit}`, row[name]!]));
  console.table(Object.fromEntries(Object.keys(rows[0]!).map((name) => [name, columns(name)])));
  const report = { measurements: unit === 'calls' ? evenness(rows) : [], skipped: [], errors: [] };
  if (report.measurements.length > 0) printTable({ ...report, seconds: performance.now() / 1_000 });
  if (values.json) console.log(JSON.stringify(rows));
  process.exit(report.measurements.every(({ measured, bound }) => meets(measured, bound)) ? 0 : 1);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
