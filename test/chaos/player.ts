/** One process of the stage. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { kill, type Program, startProgram } from '../support/processes';
import type { Life } from './evidence';

/** A worker that was told to end has so long: calls on its lines are seconds long. */
const endLimitMs = 60_000;
const startTries = 20;

export class Player {
  /** Somebody is at it: one fault at a time. */
  isTaken = false;
  /** Times that it ended without being asked to. */
  ownEnds = 0;
  private child: ChildProcess | undefined;
  private isDoomed = false;
  private absences: { from: number; to: number }[] = [];

  constructor(
    readonly name: string,
    private readonly program: () => Program,
    private readonly onLife: (life: Life) => void = () => undefined,
  ) {}

  /** Starts it, and again where it can't start yet, as when the server is down. */
  async start(): Promise<void> {
    for (let tries = 1; ; tries++) {
      const startedAt = Date.now();
      try {
        const { child } = await startProgram(this.program());
        this.isDoomed = false;
        this.child = child;
        this.live(child, startedAt);
        return;
      } catch (error) {
        if (tries === startTries) throw error;
        await sleep(500);
      }
    }
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Sends a message over its channel. */
  tell(message: object | string): void {
    if (this.child?.connected) this.child.send(message);
  }

  async kill(): Promise<void> {
    this.isDoomed = true;
    if (this.child) await kill(this.child);
  }

  /** Has it stand still. @returns what has it go on */
  hold(): () => void {
    const { child } = this;
    child?.kill('SIGSTOP');
    const back = this.leave();
    return () => {
      child?.kill('SIGCONT');
      back();
    };
  }

  /** From now on it is away. @returns what has it back */
  leave(): () => void {
    const absence = { from: Date.now(), to: Infinity };
    this.absences.push(absence);
    return () => void (absence.to = Date.now());
  }

  /** Has it kill itself. @returns whether it did within the limit */
  async diesOf(order: object, callOff: object, limitMs: number): Promise<boolean> {
    const { child } = this;
    if (!child) return false;
    this.isDoomed = true;
    const dead = child.signalCode !== null ? Promise.resolve() : once(child, 'exit');
    this.tell(order);
    await Promise.race([dead, sleep(limitMs, undefined, { ref: false })]);
    if (child.signalCode === 'SIGKILL') return true;
    this.tell(callOff);
    this.isDoomed = false;
    return false;
  }

  /** Asks it to end. @returns false when it ended otherwise than in good order, or not in time */
  async end(): Promise<boolean> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return true;
    this.isDoomed = true;
    const late = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
    await kill(child, 'SIGTERM');
    clearTimeout(late);
    return child.exitCode === 0;
  }

  private live(child: ChildProcess, startedAt: number): void {
    this.absences = [];
    const life: { -readonly [K in keyof Life]: Life[K] } = { pid: child.pid!, startedAt, absences: this.absences };
    this.onLife(life);
    child.once('exit', () => {
      life.endedAt = Date.now();
      if (this.isDoomed || this.child !== child) return;
      // One that was told to die may do so when it was told not to any more.
      if (child.signalCode !== 'SIGKILL') this.ownEnds++;
      void this.start();
    });
  }
}
