/** `outdial dev` and `outdial worker`. They load the native worker, which no other command should wait for. */
import { type Command, Option } from 'commander';
import { action } from '../session';
import { parsePort } from '../values';

export function addHostCommands(root: Command): void {
  root
    .command('dev')
    .description('a Temporal server and workers in one, on simulated lines; its state is kept and taken up again')
    .option('--port <port>', 'port of the server (default: 7233, or the next free one)', parsePort)
    .option('--ui-port <port>', "port of Temporal's web UI (default: 8233, or the next free one)", parsePort)
    .addOption(
      new Option('--trunk <trunk>', 'sip-loopback: calls go over SIP and RTP to telephones of this process').choices([
        'sip-loopback',
      ]),
    )
    .action(action(async (session, flags: object) => (await import('../host/dev')).dev(session, flags)));
  root
    .command('worker')
    .description('host the queues of the configuration file, campaigns and delivery of results')
    .action(action(async (session) => (await import('../host/worker')).worker(session)));
}
