/**
 * `npm run peers`: the same job on BullMQ and Redis, on DBOS and PostgreSQL, on bare Temporal and on outdial, one after the other.
 * docs/reference/peers.md says what is compared, and how.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Missing } from '../figure';
import { type Peer, peers } from './peers';
import { type Row, runs } from './runs';

const usage = `npm run peers -- [options]
  --run <name,…>   ${Object.keys(runs).join(', ')}
  --only <name,…>  ${peers.map(({ name }) => name).join(', ')}
  --json           print one line of JSON at the end`;

interface Options {
  readonly names: readonly string[];
  readonly chosen: readonly Peer[];
  readonly json: boolean;
}

class Bench {
  /** By run, then by peer. */
  readonly measured: Record<string, Record<string, Row>> = {};
  readonly skipped: string[] = [];
  readonly errors: string[] = [];
  private readonly peers: Set<Peer>;

  constructor(
    chosen: readonly Peer[],
    private readonly folder: string,
  ) {
    this.peers = new Set(chosen);
  }

  async run(names: readonly string[]): Promise<void> {
    await this.each('prepare', async (peer) => {
      await peer.server.require();
      await peer.prepare(this.bundleOf(peer));
    });
    for (const name of names) {
      const rows: Record<string, Row> = (this.measured[name] = {});
      await this.each(name, async (peer) => {
        const row = await runs[name]!(peer, { parent: this.folder, bundle: this.bundleOf(peer) });
        console.error(JSON.stringify(row));
        rows[peer.name] = row;
      });
    }
  }

  private bundleOf({ name }: Peer): string {
    return join(this.folder, `${name}.js`);
  }

  /** One after the other. */
  private async each(name: string, work: (peer: Peer) => Promise<void>): Promise<void> {
    for (const peer of this.peers) {
      console.error(`${name}: ${peer.name}`);
      await work(peer).catch((error: unknown) => {
        if (!(error instanceof Missing)) return this.errors.push(`${name}, ${peer.name}: ${String(error)}`);
        this.peers.delete(peer);
        return this.skipped.push(`${peer.name}: ${error.message}`);
      });
    }
  }
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
  console.error(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}`);
  const folder = mkdtempSync(join(tmpdir(), 'outdial-peers-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const bench = new Bench(options.chosen, folder);
  await bench.run(options.names);
  const { measured, skipped, errors } = bench;
  for (const [name, rows] of Object.entries(measured)) {
    if (Object.keys(rows).length === 0) continue;
    console.log(name);
    console.table(byMeasure(rows));
  }
  for (const reason of skipped) console.log(`skipped: ${reason}`);
  for (const error of errors) console.log(`not measured: ${error}`);
  if (options.json) console.log(JSON.stringify({ measured, skipped, errors }));
  process.exit(errors.length === 0 ? 0 : 1);
}

/** A column for each peer. */
function byMeasure(rows: Readonly<Record<string, Row>>): Record<string, Row> {
  const measures = Object.keys(Object.values(rows)[0] ?? {});
  const columns = (measure: string): Row =>
    Object.fromEntries(Object.entries(rows).map(([peer, row]) => [peer, row[measure]!]));
  return Object.fromEntries(measures.map((measure) => [measure, columns(measure)]));
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: { run: { type: 'string' }, only: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const names = values.run?.split(',') ?? Object.keys(runs);
  const only = values.only?.split(',') ?? peers.map(({ name }) => name);
  const unknown = [
    ...names.filter((name) => !Object.hasOwn(runs, name)),
    ...only.filter((wanted) => !peers.some(({ name }) => name === wanted)),
  ];
  if (unknown.length > 0) throw new Error(`there is no ${unknown.join(', ')}`);
  return { names, chosen: peers.filter(({ name }) => only.includes(name)), json: values.json };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
