/** `outdial doctor` */
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import type { Command } from 'commander';
import { examineServer, examineWorkers, type Finding } from '../../doctor';
import { ExitCode } from '../exit-codes';
import { paint, table } from '../output';
import { action, type Session } from '../session';

export function addDoctorCommand(root: Command): void {
  root
    .command('doctor')
    .description('whether Temporal has what outdial needs, and what is lost where it has not')
    .option('--here', 'a worker of this host must ask for work, not just any')
    .action(action(doctor));
}

async function doctor(session: Session, { here }: { readonly here?: boolean }): Promise<ExitCode> {
  const { connection: options, namespace } = session.target;
  const configured = Object.entries(session.config.settings.queues).map(([queue, { pci }]) => ({ queue, pci }));
  // The store never forgets a queue, one that was renamed included.
  const queues = configured.length > 0 ? configured : await session.store.board.queues();
  // A server that can't be reached is a finding, too.
  const connection = Connection.lazy(options);
  try {
    const findings = await examineServer(connection, { namespace, queues });
    const reachable = findings[0]!.ok === true;
    if (reachable)
      findings.push(...(await examineWorkers(connection, { namespace, queues, ...(here && { host: hostname() }) })));
    const ok = findings.every((finding) => finding.ok !== false);
    session.out.result({ address: options.address, namespace, ok, findings }, [
      `Temporal at ${options.address}, namespace ${namespace}`,
      ...describe(findings),
    ]);
    if (!reachable) return ExitCode.UNREACHABLE;
    return ok ? ExitCode.OK : ExitCode.FAILED;
  } finally {
    await connection.close();
  }
}

function describe(findings: readonly Finding[]): string[] {
  const rows = table(findings.map(({ ok, check, found }) => [ok ? 'ok' : ok === null ? '? ' : 'NO', check, found]));
  return findings.flatMap(({ lost, ok }, index) => [
    ok === false ? paint(process.stdout, 'red', rows[index]!) : rows[index]!,
    ...(lost === undefined ? [] : [`      lost: ${lost}`]),
  ]);
}
