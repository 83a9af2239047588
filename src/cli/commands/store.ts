/** `outdial store …` */
import type { Command } from 'commander';
import { action, type Session } from '../session';
import { parseAge } from '../values';

export function addStoreCommands(root: Command): void {
  const store = root.command('store').description('what is kept of lists and calls');
  store
    .command('migrate')
    .description('make the tables of a store in PostgreSQL, or bring them up to date')
    .action(action(migrate));
  store
    .command('prune')
    .description('remove lists and records of what ended long ago, and was reported')
    .requiredOption('--older-than <age>', 'how long ago it ended at least: 90d, 12h, 30m', parseAge)
    .option('--dry-run', 'only say what would be removed')
    .action(action(prune));
  store
    .command('erase')
    .description("erase one callee's data, in all lists and records")
    .argument('<number>', 'in E.164: +4930123456')
    .action(action(erase));
}

async function migrate(session: Session): Promise<void> {
  const database = session.database();
  try {
    await database?.migrate();
  } finally {
    await database?.close();
  }
  session.out.result({ migrated: database !== undefined }, [
    database ? 'the tables are up to date' : 'the store is in files: there is nothing to do',
  ]);
}

async function prune(session: Session, flags: { olderThan: number; dryRun?: boolean }): Promise<void> {
  const { olderThan, dryRun = false } = flags;
  const outdial = await session.outdial();
  const report = await outdial.prune({ before: Date.now() - olderThan, dryRun });
  const { campaigns, lists, records, standaloneCalls, undelivered } = report;
  session.out.result({ ...report, dryRun }, [
    `${dryRun ? 'would be removed' : 'removed'}: ${lists} lists and ${records} records of ${campaigns} campaigns, ` +
      `${standaloneCalls} calls without a campaign`,
    ...undelivered.map((id) => `stays until its results are delivered or given up: ${id}`),
  ]);
}

async function erase(session: Session, number: string): Promise<void> {
  const { calls } = await (await session.outdial()).eraseCallee(number);
  session.out.result({ calls }, [`erased in ${calls.length} calls`, ...calls.map((callId) => `  ${callId}`)]);
}
