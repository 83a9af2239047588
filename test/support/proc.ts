/** What Linux says of a process; undefined where the process is gone, or the system has no /proc. */
import { readdirSync, readFileSync } from 'node:fs';

/** User and system time so far. */
export function cpuMsOf(pid: number): number | undefined {
  return statOf(pid)?.ownMs;
}

/** As {@link cpuMsOf}, together with all processes that descend from it, also those that have ended. */
export function treeCpuMsOf(root: number): number | undefined {
  const stats = pids()
    .map(statOf)
    .filter((stat) => stat !== undefined);
  const sumOf = ({ pid, ownMs, reapedMs }: Stat): number =>
    stats.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + sumOf(child), ownMs + reapedMs);
  const stat = stats.find(({ pid }) => pid === root);
  return stat && sumOf(stat);
}

/** Processes that it has started, and that have not ended. */
export function childrenOf(pid: number): number[] {
  return pids().filter((child) => statOf(child)?.parent === pid);
}

function pids(): number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger);
}

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly ownMs: number;
  /** Of children that have ended and were waited for. */
  readonly reapedMs: number;
}

/** proc(5): field 4 of `stat`, and 14 to 17 in hundredths of a second. */
function statOf(pid: number): Stat | undefined {
  const [, fields] = read(pid, 'stat')?.split(') ') ?? [];
  if (fields === undefined) return undefined;
  const numbers = fields.split(' ').map(Number);
  const [user, system, reapedUser, reapedSystem] = numbers.slice(11, 15);
  return { pid, parent: numbers[1]!, ownMs: 10 * (user! + system!), reapedMs: 10 * (reapedUser! + reapedSystem!) };
}

/** Resident memory now and at its peak, in MB of 2^20 bytes. proc(5): `VmRSS` and `VmHWM` of `status`. */
export function memoryMbOf(pid: number): { readonly now: number; readonly peak: number } | undefined {
  const status = read(pid, 'status');
  if (status === undefined) return undefined;
  const mb = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1_024;
  return { now: mb('VmRSS'), peak: mb('VmHWM') };
}

function read(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return undefined;
  }
}
