/** What Linux says of a process; undefined where the process is gone, or the system has no /proc. */
import { readFileSync } from 'node:fs';

/** User and system time so far. proc(5): fields 14 and 15 of `stat`, in hundredths of a second. */
export function cpuMsOf(pid: number): number | undefined {
  const [, fields] = read(pid, 'stat')?.split(') ') ?? [];
  if (fields === undefined) return undefined;
  const [user, system] = fields.split(' ').slice(11, 13).map(Number);
  return 10 * (user! + system!);
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
