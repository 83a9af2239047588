/** The network that all callers call: sipp for the signaling, a process that echoes for the sound, and the ledger of both. */
import type { ChildProcess } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '../../test/support/eventually';
import { freeSipPort, isUdpTaken } from '../../test/interop/support/ports';
import { killed } from '../../test/interop/support/processes';
import type { LineEvent } from '../turnaround';
import { WatchedProcess } from '../watched-process';
import type { EchoOptions } from './echo-main';
import type { RtpTotals } from './rtp-streams';
import { spawnSipp } from './sipp';

/** What it saw of a run. */
export interface Seen {
  /** `dial`: an INVITE came. `end`: a BYE came, and is answered. By sipp's clock. */
  readonly events: readonly LineEvent[];
  readonly rtp: RtpTotals;
}

export class Peer {
  private noted = 0;

  private constructor(
    readonly port: number,
    private readonly ledger: string,
    private readonly echo: WatchedProcess,
    private readonly sipp: ChildProcess,
  ) {}

  /** @param calls - most calls at once */
  static async start(folder: string, calls: number): Promise<Peer> {
    const echo = await WatchedProcess.start(require.resolve('./echo-main'), { ports: calls } satisfies EchoOptions);
    const ports = await echo.ask<number[]>('ports');
    await writeFile(join(folder, 'ports.csv'), ['SEQUENTIAL', ...ports].join('\n') + '\n');
    const port = await freeSipPort();
    const ledger = join(folder, 'ledger');
    const sipp = spawnSipp('uas.xml', folder, [
      ...['-p', String(port), '-inf', join(folder, 'ports.csv')],
      ...['-trace_logs', '-log_file', ledger],
    ]);
    await eventually(() => {
      if (sipp.exitCode !== null) throw new Error(`sipp ended with ${sipp.exitCode}`);
      return isUdpTaken(port);
    });
    return new Peer(port, ledger, echo, sipp);
  }

  /** What came since it was asked last. */
  async seen(): Promise<Seen> {
    const lines = (await readFile(this.ledger, 'utf8')).split('\n').filter((line) => line.startsWith('ledger '));
    const events = lines.slice(this.noted).map((line) => {
      const [, at, event] = line.split(' ');
      return { event: event!, at: Number(at) };
    });
    this.noted = lines.length;
    return { events, rtp: await this.echo.ask<RtpTotals>('received') };
  }

  async stop(): Promise<void> {
    await Promise.all([killed(this.sipp), this.echo.stop()]);
  }
}
