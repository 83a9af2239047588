/** Asterisk processes of the interop tests: one that dials, with the configuration of deploy/asterisk, and one that is dialed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dieWithParent } from '../../../src/dev-server/die-with-parent';
import { freePortFrom } from '../../../src/dev-server/free-port';
import { eventually } from '../../support/eventually';
import { freeSipPort, isListening, isUdpTaken } from './ports';
import { unpackedAsterisk } from './unpacked-asterisk';

const deployed = join(__dirname, '../../../deploy/asterisk');
const callees = join(__dirname, 'callees');
/** A busy machine was seen to take over 30 s. */
const startMs = 90_000;

type Values = Readonly<Record<string, string>>;

/** A running Asterisk. */
export interface Asterisk {
  /** Base URL of its HTTP server, without a path. */
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly sipPort: number;
  readonly folder: string;
  /** Ends it at once, as a crash does. What it was started with stays: {@link start} starts it again. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Ends it and removes what it left. */
  stop(): Promise<void>;
}

/** The telephone network: callees and their ledger. */
export interface Callees extends Asterisk {
  readonly sipUser: string;
  readonly sipPassword: string;
  /** Recordings of what callees of {@link calleeNumber} `heard` heard, by number. */
  readonly heard: string;
  ledger(): Promise<CalleeEvent[]>;
}

/** A line of the callees' ledger. */
export interface CalleeEvent {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly channel: string;
  readonly event: 'invite' | 'ring' | 'progress' | 'answer' | 'digits' | 'end';
  readonly number: string;
  /** Of an `invite` the caller's number, of an `end` the cause, of `digits` the digits. */
  readonly detail: string;
}

const endings = {
  voice: '00',
  answeringmachine: '01',
  fax: '02',
  silence: '03',
  'hangs-up': '04',
  busy: '10',
  'no-answer': '11',
  declined: '12',
  unreachable: '13',
  'invalid-number': '14',
  congested: '15',
  announcement: '16',
  'early-media': '17',
  presses: '20',
  reads: '21',
  heard: '22',
  'rings-long': '23',
  'voice-4s': '24',
} as const;
export type CalleeKind = keyof typeof endings;

/** A number whose callee behaves so; different `n`, from 0 to 99, give different numbers. */
export function calleeNumber(kind: CalleeKind, n = 0): string {
  return `+1617555${String(n).padStart(2, '0')}${endings[kind]}`;
}

/** Starts the callees. */
export async function startCallees(): Promise<Callees> {
  const sip = { sipUser: 'outdial', sipPassword: randomBytes(12).toString('hex') };
  const started = await startAsterisk((folder) => [
    [deployed, {}],
    [
      callees,
      {
        SIP_USER: sip.sipUser,
        SIP_PASSWORD: sip.sipPassword,
        LEDGER: join(folder, 'ledger'),
        HEARD: join(folder, 'heard'),
      },
    ],
  ]);
  const { folder, sipPort } = started;
  if (!(await isListening(sipPort))) throw new Error(`Asterisk has no SIP over TCP on port ${sipPort}, see ${folder}`);
  await mkdir(join(folder, 'heard'));
  const ledger = async (): Promise<CalleeEvent[]> => {
    const text = await readFile(join(folder, 'ledger'), 'utf8').catch(() => '');
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [at, channel, event, number, detail = ''] = line.split(' ');
        return { at: Number(at), channel, event, number, detail } as CalleeEvent;
      });
  };
  return { ...started, ...sip, heard: join(folder, 'heard'), ledger };
}

/** What makes an Asterisk have no chan_websocket. */
export const withoutWebSockets: Values = { 'modules.conf': 'noload = chan_websocket.so\n' };

/** Starts the Asterisk that dials them, configured as deploy/asterisk says. @param more - lines to add, by the name of the file */
export async function startSwitch(network: Callees, more: Values = {}): Promise<Asterisk> {
  return startAsterisk(
    () => [
      [
        deployed,
        {
          SIP_TRANSPORT: 'udp',
          CARRIER_HOST: '127.0.0.1',
          CARRIER_PORT: String(network.sipPort),
          CARRIER_USER: network.sipUser,
          CARRIER_PASSWORD: network.sipPassword,
        },
      ],
    ],
    more,
  );
}

/** Templates of later folders replace those of earlier ones. */
async function startAsterisk(
  templates: (folder: string) => [folder: string, values: Values][],
  more: Values = {},
): Promise<Asterisk> {
  const root = await unpackedAsterisk((line) => void process.stderr.write(`${line}\n`));
  const folder = await mkdtemp(join(tmpdir(), 'outdial-asterisk-'));
  const user = 'outdial';
  const password = randomBytes(12).toString('hex');
  const httpPort = await freePortFrom(0);
  const sipPort = await freeSipPort();
  const common: Values = {
    HTTP_ADDRESS: '127.0.0.1',
    HTTP_PORT: String(httpPort),
    SIP_ADDRESS: '127.0.0.1',
    SIP_PORT: String(sipPort),
    ARI_USER: user,
    ARI_PASSWORD: password,
    RTP_START: '20000',
    RTP_END: '29999',
  };
  const configs = new Map<string, string>();
  for (const [from, values] of templates(folder)) {
    for (const name of await readdir(from)) {
      if (name.endsWith('.conf'))
        configs.set(name, render(await readFile(join(from, name), 'utf8'), { ...common, ...values }));
    }
  }
  for (const [name, text] of Object.entries(more)) configs.set(name, configs.get(name)! + text);
  configs.set('asterisk.conf', directories(root, folder) + configs.get('asterisk.conf')!);
  await writeFolders(root, folder, configs);

  const url = `http://127.0.0.1:${httpPort}`;
  let child: ChildProcess | undefined;
  const asterisk: Asterisk = {
    url,
    user,
    password,
    sipPort,
    folder,
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    async start() {
      child = run(root, folder);
      const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
      await eventually(async () => {
        if (child!.exitCode !== null) throw new Error(`Asterisk ended with ${child!.exitCode}, see ${folder}`);
        const { status } = await fetch(`${url}/ari/asterisk/ping`, { headers: { authorization } });
        if (status !== 200) throw new Error(`Asterisk answers ${status}`);
        // SIP comes up after HTTP.
        if (!(await isUdpTaken(sipPort))) throw new Error(`Asterisk has no SIP yet, see ${folder}`);
      }, startMs);
    },
    async stop() {
      await asterisk.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await asterisk.start();
  } catch (error) {
    await asterisk.kill();
    throw error;
  }
  return asterisk;
}

/** `@NAME@` becomes its value. A name without one stays: its file is replaced by another folder's, or Asterisk won't start. */
function render(template: string, values: Values): string {
  return template.replace(/@([A-Z_]+)@/g, (placeholder, name: string) => values[name] ?? placeholder);
}

function directories(root: string, folder: string): string {
  return `[directories]
astetcdir => ${folder}/etc
astmoddir => ${root}/usr/lib/x86_64-linux-gnu/asterisk/modules
astvarlibdir => ${folder}/lib
astdatadir => ${folder}/data
astdbdir => ${folder}/lib
astkeydir => ${folder}/lib
astspooldir => ${folder}/spool
astrundir => ${folder}/run
astlogdir => ${folder}/log

`;
}

async function writeFolders(root: string, folder: string, configs: Map<string, string>): Promise<void> {
  for (const name of ['etc', 'lib', 'spool/recording', 'run', 'log', 'data/sounds']) {
    await mkdir(join(folder, name), { recursive: true });
  }
  const from = join(root, 'usr/share/asterisk');
  for (const name of ['documentation', 'rest-api']) await symlink(join(from, name), join(folder, 'data', name));
  // Debian's link of this name is absolute, and leads nowhere in a scratch folder.
  await symlink(join(from, 'sounds/en_US_f_Allison'), join(folder, 'data/sounds/en'));
  for (const [name, text] of configs) await writeFile(join(folder, 'etc', name), text);
}

function run(root: string, folder: string): ChildProcess {
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  const child = spawn(
    join(libraries, 'ld-linux-x86-64.so.2'),
    ['--library-path', libraries, join(root, 'usr/sbin/asterisk'), '-C', join(folder, 'etc/asterisk.conf'), '-f', '-n'],
    { stdio: 'ignore', cwd: folder },
  );
  dieWithParent(child);
  return child;
}
