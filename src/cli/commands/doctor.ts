/** `outdial doctor` */
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
    .action(action(doctor));
}

async function doctor(session: Session): Promise<ExitCode> {
  const { connection: options, namespace } = session.target;
  const known = await session.store.board.queues();
  const configured = Object.entries(session.config.settings.queues).map(([queue, { pci }]) => ({ queue, pci }));
  const named = new Map([...known, ...configured].map((queue) => [queue.queue, queue]));
  const queues = [...named.values()];
  // A server that can't be reached is a finding, too.
  const connection = Connection.lazy(options);
  try {
    const findings = await examineServer(connection, { namespace, queues });
    const reachable = findings[0]!.ok === true;
    if (reachable) findings.push(...(await examineWorkers(connection, { namespace, queues })));
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
