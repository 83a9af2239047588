/** sipp as a telephone network: one process whose callees follow from the numbers' two last digits. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeMuLaw } from '../../../src/audio/g711';
import { readWav } from '../../../src/callee-type/wav';
import { dieWithParent } from '../../../src/dev-server/die-with-parent';
import { eventually } from '../../support/eventually';
import { recordedSounds } from './peers';
import { freeMediaPort, freeSipPort, isListening, isUdpTaken } from './ports';
import { killed } from './processes';
import { sippScenario } from './sipp-scenario';

/** A running sipp. */
export interface Sipp {
  readonly port: number;
  ledger(): Promise<SippEvent[]>;
  stop(): Promise<void>;
}

/** A line of its ledger. */
export interface SippEvent {
  /** SIP's Call-ID. */
  readonly call: string;
  readonly event: 'invite' | 'ring' | 'progress' | 'answer' | 'cancel' | 'end';
  /** User part of To. */
  readonly number: string;
  /** Of an `invite` the user part of From. */
  readonly detail: string;
}

/** What callees of kind `digest` ask for. */
export const digestUser = { username: 'outdial', password: 'interop' } as const;

/** Starts it on a free port of 127.0.0.1. */
export async function startSipp(transport: 'udp' | 'tcp'): Promise<Sipp> {
  const folder = await mkdtemp(join(tmpdir(), 'outdial-sipp-'));
  const path = (name: string): string => join(folder, name);
  for (const [name, sound] of Object.entries(await sounds())) await writeFile(path(`${name}.ul`), encodeMuLaw(sound));
  await writeFile(path('callees.xml'), sippScenario(folder, digestUser));
  const [port, mediaPort] = [await freeSipPort(), await freeMediaPort()];
  const options = [
    ...['-sf', path('callees.xml'), '-t', transport === 'udp' ? 'u1' : 't1', '-i', '127.0.0.1', '-p', String(port)],
    ...['-mi', '127.0.0.1', '-mp', String(mediaPort), '-nostdin', '-nd', '-aa', '-skip_rlimit'],
    ...['-trace_logs', '-log_file', path('ledger'), '-trace_err', '-error_file', path('errors')],
  ];
  const child = spawn('sipp', options, { stdio: 'ignore', cwd: folder });
  dieWithParent(child);
  const sipp: Sipp = {
    port,
    ledger: async () => parseLedger(await readFile(path('ledger'), 'utf8').catch(() => '')),
    stop: async () => {
      await killed(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(`sipp ended with ${child.exitCode}, see ${folder}`);
      return transport === 'udp' ? isUdpTaken(port) : isListening(port);
    });
  } catch (error) {
    await killed(child);
    throw error;
  }
  return sipp;
}

/** Recorded persons and machines, and the answer tone of a fax. What they play ends in silence, not in no packets. */
async function sounds(): Promise<Record<'voice' | 'machine' | 'fax', Int16Array>> {
  const recorded = async (name: string): Promise<Int16Array> =>
    readWav(await readFile(join(recordedSounds, `${name}.wav`)));
  const [hello, intro, beep] = await Promise.all(['hello', 'vm-intro', 'beep'].map(recorded));
  const silence = (seconds: number): Int16Array => new Int16Array(8_000 * seconds);
  const tone = Int16Array.from({ length: 24_000 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * 2_100 * i) / 8_000));
  return {
    voice: joined(silence(0.3), hello!, silence(30)),
    machine: joined(silence(0.3), intro!, beep!, silence(30)),
    fax: joined(silence(1), tone, silence(30)),
  };
}

function joined(...parts: readonly Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

function parseLedger(text: string): SippEvent[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('ledger '))
    .map((line) => {
      const [, call, event, number, detail = ''] = line.split(' ');
      return { call, event, number, detail } as SippEvent;
    });
}
