/** `outdial gateway` and `outdial gateway hash` */
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { OutdialError } from '../../errors';
import { action, type Session } from '../session';
import { untilInterrupted } from '../until-interrupted';

export function addGatewayCommands(root: Command): void {
  const gateway = root
    .command('gateway')
    .description('take campaigns and calls over HTTP, for services without Temporal in their code')
    .action(action(run));
  gateway
    .command('hash')
    .description("hash an account's key or PIN, read from standard input, for the configuration file")
    .action(action(hash));
}

async function run(session: Session): Promise<void> {
  const { settings } = session.configWith('encryption');
  const { gateway: options } = settings;
  const { startGateway } = await import('../../gateway/server');
  const interrupted = untilInterrupted();
  const redis = options.limits.redis === undefined ? undefined : await connectRedis(options.limits.redis);
  try {
    const log = { write: (line: string) => void process.stderr.write(line) };
    const gateway = await startGateway({ outdial: await session.outdial(), ...options, log, ...(redis && { redis }) });
    const accounts = Object.keys(options.accounts);
    session.out.result({ url: gateway.url, pid: process.pid, accounts }, [
      `gateway at ${gateway.url}, for ${accounts.join(', ') || 'anybody on this machine: no accounts are set'}`,
      `its reference is at ${gateway.url}/docs`,
      'Ctrl-C finishes what is in flight, and ends it',
    ]);
    await interrupted;
    await gateway.close();
    session.out.note('stopped');
  } finally {
    redis?.disconnect();
  }
}

/** @throws OutdialError `INVALID_SPEC` when Redis does not answer: then nobody would count */
async function connectRedis(url: string): Promise<{ disconnect(): void }> {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 1, connectTimeout: 5_000 });
  // Told by the request that fails.
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    const message = `can't be reached: ${(error as Error).message}`;
    throw new OutdialError('INVALID_SPEC', `gateway.limits.redis: ${message}`, [
      { path: 'gateway.limits.redis', message },
    ]);
  }
}

async function hash({ out }: Session): Promise<void> {
  const { hashSecret } = await import('../../gateway/credentials');
  if (process.stdin.isTTY) out.note('Type the secret, then Enter and Ctrl-D:');
  const secret = (await text(process.stdin)).replace(/\r?\n$/, '');
  if (secret === '') throw new OutdialError('INVALID_SPEC', 'the secret is empty: give it on standard input');
  const hashed = await hashSecret(secret);
  out.result({ hash: hashed }, [hashed]);
}
