/** Who places calls: sipp, the trunk by itself, and a worker whose engine has the trunk. */
import { setTimeout as sleep } from 'node:timers/promises';
import { freeMediaPort } from '../../test/interop/support/ports';
import { cpuMsOf } from '../../test/support/proc';
import type { WatchedProcess } from '../watched-process';
import type { RtpTotals } from './rtp-streams';
import { spawnSipp } from './sipp';

/** Calls that are answered at once; the caller plays, and hangs up. */
export interface Calls {
  readonly calls: number;
  /** At most so many at once. */
  readonly lines: number;
  /** Begun per second, at most. */
  readonly perSecond: number;
  readonly talkMs: number;
}

export interface Placed {
  /** CPU time of the calling process. */
  readonly cpuMs: number;
  /** Sound that came back; unknown of sipp. */
  readonly rtp?: RtpTotals;
}

/** Places calls, and is done when all have ended. It is the callees who know how many were answered. */
export type Caller = (calls: Calls) => Promise<Placed>;

/** @param folder - has `sound.ul` */
export function sippCaller(folder: string, port: number): Caller {
  return async ({ calls, lines, perSecond, talkMs }) => {
    const media = await freeMediaPort();
    const child = spawnSipp('uac.xml', folder, [
      ...['-mp', String(media), '-m', String(calls), '-l', String(lines), '-r', String(perSecond)],
      ...['-d', String(talkMs), '-s', '+16175550000', `127.0.0.1:${port}`],
    ]);
    let cpuMs = 0;
    let isOver = false;
    child.once('exit', () => (isOver = true));
    while (!isOver) {
      cpuMs = cpuMsOf(child.pid!) ?? cpuMs;
      await sleep(20);
    }
    return { cpuMs };
  };
}

/** A process that counts what it hears, see `received`, and is told by `place` what to place. */
export function processCaller(child: WatchedProcess, place: (calls: Calls) => Promise<unknown>): Caller {
  return async (calls) => {
    await child.ask('received');
    const before = cpuMsOf(child.pid) ?? NaN;
    await place(calls);
    return { cpuMs: (cpuMsOf(child.pid) ?? NaN) - before, rtp: await child.ask<RtpTotals>('received') };
  };
}
