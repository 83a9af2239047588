/** `outdial queue …` */
import { Argument, type Command } from 'commander';
import { outOfService, type QueueLines } from '../../contract';
import { action, type Session } from '../session';

const name = (): Argument => new Argument('<name>', 'name of the queue');

export function addQueueCommands(root: Command): void {
  const queue = root.command('queue').description('queues: their lines, and who dials on them');
  queue.command('list').description('the queues that workers have published').action(action(listQueues));
  queue
    .command('show')
    .description('lines of a queue, and the worker processes that use them')
    .addArgument(name())
    .action(action(showQueue));
  queue
    .command('stop')
    .description('start no more dials, on any worker; live calls are left to finish')
    .addArgument(name())
    .action(action((session: Session, queue: string) => stopOrStart(session, 'stop', queue)));
  queue
    .command('start')
    .description('dial again')
    .addArgument(name())
    .action(action((session: Session, queue: string) => stopOrStart(session, 'start', queue)));
}

async function listQueues(session: Session): Promise<void> {
  const outdial = await session.outdial();
  const published = await outdial.store.board.queues();
  const queues = await Promise.all(published.map(({ queue }) => outdial.queue(queue).describe()));
  session.out.result({ queues }, queues.length === 0 ? 'no worker has published a queue' : queues.map(describe));
}

async function showQueue(session: Session, queue: string): Promise<void> {
  const lines = await (await session.outdial()).queue(queue).describe();
  const leases = lines.leases.map(
    ({ worker, lines, leaving, problem }) =>
      `  ${worker}: ${lines}${leaving ? ', finishing its live calls' : problem === undefined ? '' : `, out of service: ${problem}`}`,
  );
  session.out.result(lines, [describe(lines), ...leases]);
}

async function stopOrStart(session: Session, step: 'stop' | 'start', queue: string): Promise<void> {
  const lines = await (await session.outdial()).queue(queue)[step]();
  session.out.result(lines, describe(lines));
}

function describe({ queue, lines, stopped, leases }: QueueLines): string {
  const used = leases.reduce((sum, lease) => sum + lease.lines, 0);
  const state = stopped ? 'stopped: no dial starts' : outOfService(leases) === undefined ? 'running' : 'out of service';
  return `${queue}: ${state}; ${lines} lines, ${used} leased to ${leases.length} worker process${leases.length === 1 ? '' : 'es'}`;
}
