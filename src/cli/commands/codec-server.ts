/** `outdial codec-server` */
import type { Command } from 'commander';
import type { CodecRequest } from '../../codec-server/server';
import { OutdialError } from '../../errors';
import { noConfigFile } from '../config-file';
import type { Settings } from '../config-schema';
import { action, type Session } from '../session';
import { untilInterrupted } from '../until-interrupted';

export function addCodecServerCommand(root: Command): void {
  root
    .command('codec-server')
    .description("let Temporal's UI and CLI open what is sealed, for those whom the configuration file names")
    .action(action(codecServer));
}

async function codecServer(session: Session): Promise<void> {
  const { file, settings } = session.configWith('encryption', 'codecServer');
  const { encryption, codecServer: options } = settings;
  if (!encryption) throw nothingSealed(file);
  const { startCodecServer } = await import('../../codec-server/server');
  const log = (request: CodecRequest): void => logRequest(session, request);
  const interrupted = untilInterrupted();
  const server = await startCodecServer({ encryption, ...options, log });
  session.out.result({ url: server.url, pid: process.pid }, [
    `codec server at ${server.url}, for ${describeAllowed(options)}`,
    `temporal workflow show … --codec-endpoint ${server.url} --codec-auth "Bearer …"`,
    'Ctrl-C ends it',
  ]);
  await interrupted;
  await server.close();
  session.out.note('stopped');
}

function nothingSealed(file: string | undefined): OutdialError {
  if (file === undefined) return noConfigFile();
  const message = 'is missing, so that nothing is sealed: name the keys of the workers, current and keys';
  return new OutdialError('INVALID_SPEC', `${file} is wrong:\n  encryption: ${message}`, [
    { path: 'encryption', message },
  ]);
}

function describeAllowed(options: Settings<'codecServer'>['codecServer']): string {
  const allowed = [
    ...Object.keys(options?.tokens ?? {}).map((name) => `the token ${name}`),
    ...(options?.jwt ? [`${options.jwt.subjects.join(', ')} of ${options.jwt.issuer}`] : []),
  ];
  return allowed.join(', ') || 'pages in browsers on this machine: no tokens or jwt are set';
}

/** Stdout with `--json`, one a line: who has seen what must be known there, too. */
function logRequest({ out }: Session, request: CodecRequest): void {
  const at = new Date();
  if (out.json) return out.result({ at: at.getTime(), ...request }, []);
  const { method, path = 'elsewhere', status, who = '–', payloads } = request;
  const count = payloads === undefined ? '' : `, ${payloads} payload${payloads === 1 ? '' : 's'}`;
  out.note(`${at.toISOString()} ${method} ${path} ${status} ${who}${count}`);
}
