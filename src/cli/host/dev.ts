/** `outdial dev`: a Temporal server and workers in one process, with state that outlives it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DevServer } from '../../dev-server';
import { freePortFrom } from '../../dev-server/free-port';
import { OutdialError } from '../../errors';
import type { Application } from '../../worker/application';
import { commandName } from '../command-name';
import { configSchema, type Settings } from '../config-schema';
import { defaultAddress } from '../connect';
import { ExitCode } from '../exit-codes';
import { loadModules } from '../load-modules';
import type { Session } from '../session';
import { type OpeningServer, startOpeningServer } from './dev-codec';
import type { GatewayServer } from '../../gateway/server';
import { loopback as loopbackNetworks, startDevGateway } from './dev-gateway';
import { type HostSettings, installRuntime, runWorkers } from './run-workers';
import type { SipLoopback } from './sip-loopback';
import { claimState } from './state-claim';

const uiPort = 8233;

interface DevFlags {
  readonly port?: number;
  readonly uiPort?: number;
  readonly trunk?: 'sip-loopback';
}

export async function dev(session: Session, flags: DevFlags): Promise<ExitCode> {
  const { out, store } = session;
  const folder = join(session.dataDir, 'dev');
  const settings = forDevelopment(session.configWith('secrets', 'encryption').settings);
  const modules = await loadModules(settings);
  const applications = Object.keys(modules.applications).length > 0 ? modules.applications : { echo };
  const { namespace } = session.target;

  const dbFilename = join(folder, 'temporal.db');
  const takenUp = existsSync(dbFilename);
  const claim = await claimState(folder);
  out.note('starting a Temporal server …');
  const server = await startOpeningServer(settings.encryption, {
    dbFilename,
    port: await serverPort(flags.port, settings),
    uiPort: flags.uiPort ?? (await freePortFrom(uiPort)),
    ...(namespace !== 'default' && { extraArgs: ['--namespace', namespace] }),
    log: (line) => out.note(`  ${line}`),
  });
  let stopping = false;
  let gateway: GatewayServer | undefined;
  let loopback: SipLoopback | undefined;
  try {
    claim.announce(server.address);
    const target = { namespace, connection: { address: server.address } };
    if (flags.trunk) {
      const { startSipLoopback } = await import('./sip-loopback');
      loopback = await startSipLoopback(join(folder, 'sip-ledger.jsonl'), modules.speech);
    }
    const hosted = { target, store, settings, ...modules, applications, ...(loopback && { trunk: loopback.trunk }) };
    installRuntime(settings);
    void server.exited.then(({ code, signal }) => {
      if (stopping) return;
      // Live calls can't be finished without it; what Temporal knew of them is on disk.
      out.error('TEMPORAL', `the Temporal server ended by itself, with ${signal ?? `code ${code}`}: start it again`);
      claim.release();
      process.exit(ExitCode.UNREACHABLE);
    });
    gateway = await startDevGateway(server.address, namespace, store, settings);
    const { url: gatewayUrl } = gateway;
    return await runWorkers(hosted, out, ({ queueInfos }) => {
      const { address, uiUrl, codecUrl } = server;
      const [queue] = queueInfos;
      const ready = {
        address,
        uiUrl,
        ...(codecUrl !== undefined && { codecUrl }),
        gatewayUrl,
        namespace,
        dataDir: session.dataDir,
        takenUp,
        pid: process.pid,
        queues: queueInfos,
        ...(loopback && { sipLedger: loopback.ledger }),
      };
      out.result(ready, [
        `Temporal server at ${address}, its UI at ${uiUrl}`,
        ...describeOpening(server, settings),
        `gateway at ${gatewayUrl}, its reference at ${gatewayUrl}/docs`,
        `data in ${session.dataDir}, ${takenUp ? 'taken up again' : 'new'}`,
        `queues: ${queueInfos.map((info) => `${info.queue} (${info.lines} ${info.trunk} lines)`).join(', ')}`,
        ...(loopback ? [`calls go to telephones at ${loopback.uri}; what rang is in ${loopback.ledger}`] : []),
        'Try in another terminal, in this folder:',
        `  ${reachedBy(server, session)}${commandName} call queue --destination +16175550123 --queue ${queue?.queue} ` +
          `--application ${queue?.applications[0]} --ani ${queue?.callerIds[0]}`,
        `  ${reachedBy(server, session)}${commandName} campaign list`,
        'Ctrl-C lets live calls finish, then stops all; the state is kept',
      ]);
    });
  } finally {
    stopping = true;
    await gateway?.close();
    await loopback?.close();
    await server.stop();
    out.note(`the state is kept in ${folder}; the next \`${commandName} dev\` takes it up again`);
    claim.release();
  }
}

function describeOpening({ codecUrl }: OpeningServer, { encryption }: HostSettings): string[] {
  if (!encryption) return [];
  if (codecUrl === undefined) return ['the UI shows payloads sealed: this Temporal CLI takes no codec server for it'];
  return [`the UI opens what is sealed, by the codec server at ${codecUrl}: whoever uses this machine sees it`];
}

/** Receivers may run on this machine. Without a queue of one's own there is one to try things on. */
function forDevelopment(given: HostSettings): HostSettings {
  const settings = { ...given, resultNetworks: [...given.resultNetworks, ...loopbackNetworks] };
  if (Object.keys(settings.queues).length > 0) return settings;
  const main = { trunk: { simulated: {} }, lines: 10, callerIds: ['+16175550100'], minRedialWaitMs: 1_000 };
  return { ...settings, queues: configSchema('.').shape.queues.parse({ main }) };
}

/** Asks for digits and reads them back. */
const echo: Application = async (call) => {
  await call.play('Hello from outdial. Press some digits, then the pound key.');
  const digits = await call.gather({ maxDigits: 8, finishOn: '#' });
  await call.play(digits === '' ? 'Goodbye.' : `You pressed ${[...digits].join(' ')}. Goodbye.`);
  return { digits };
};

/** An address in the configuration file is where all other commands look, so the server has to be there. */
async function serverPort(wanted: number | undefined, { temporal }: Settings): Promise<number> {
  if (temporal.address === undefined) return wanted ?? freePortFrom(7233);
  const [host, port] = temporal.address.split(':');
  if (host === 'localhost' || host === '127.0.0.1') return Number(port);
  const message = `must be on this machine for \`${commandName} dev\`, ${defaultAddress} (is ${temporal.address})`;
  throw new OutdialError('INVALID_SPEC', `temporal.address ${message}`, [{ path: 'temporal.address', message }]);
}

/** What other commands need to find the server, where they would look elsewhere. */
function reachedBy({ port, address }: DevServer, session: Session): string {
  const looksAt = session.target.connection.address;
  return looksAt === `localhost:${port}` || looksAt === address ? '' : `TEMPORAL_ADDRESS=${address} `;
}
