/** Carries out the faults of a round, each when its time has come. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Campaigns } from './campaigns';
import type { Fault } from './plan';
import type { Player } from './player';
import type { Progress } from './progress';
import type { ReceiverMode } from './receiver-process';
import { clock } from './report';
import type { TcpProxy } from '../support/tcp-proxy';
import type { Stage } from './stage';

/** A worker that is to die at a point gets there within so long, or nothing leads there any more. */
const reachLimitMs = 15_000;
const maxTries = 4;
/** In each direction, of a connection to Temporal, and of all to PostgreSQL, which a call asks several times. */
const slowMs = 1_400;
const slowPostgresMs = 400;
/** A worker whose connection was cut is back so long after it could be. */
const reconnectMs = 5_000;
/** What stands still goes on after so long, answer or not. */
const askLimitMs = 20_000;
/** So long after the answer a dial is too late. */
const afterAnswerMs = 1_500;

/** What a fault hits: two of one kind wait for each other, others go side by side. */
const lanes = ['server', 'postgres', 'gateway', 'receiver', 'connection'] as const;
type Lane = (typeof lanes)[number] | 'worker';
/** Workers are hit two at a time. */
const lanesOfWorkers = 2;

export class Faults {
  /** Faults carried out, by kind; those at a kill point by the point. */
  readonly counts = new Map<string, number>();
  kills = 0;
  private turn = 0;

  constructor(
    private readonly stage: Stage,
    private readonly progress: Progress,
    private readonly campaigns: Campaigns,
    private readonly say: (line: string) => void,
  ) {}

  /** Where the store is in files, there is no database to hit. Resolves when all have been carried out, or those that had their time before `over`. Nothing stays hit. */
  async run(faults: readonly Fault[], over: AbortSignal): Promise<void> {
    const lanes = new Map<string, Fault[]>();
    let workers = 0;
    for (const fault of faults) {
      const lane = laneOf(fault);
      if (lane === 'postgres' && !this.stage.postgres) continue;
      const name = lane === 'worker' ? `worker ${workers++ % lanesOfWorkers}` : lane;
      lanes.set(name, [...(lanes.get(name) ?? []), fault]);
    }
    await Promise.all([...lanes.values()].map((lane) => this.inTurn(lane, over)));
  }

  private async inTurn(faults: readonly Fault[], over: AbortSignal): Promise<void> {
    for (const fault of faults) {
      if (!(await this.progress.reached(fault.at, over))) return;
      const at = this.progress.count();
      let came = await this.carryOut(fault);
      // Nobody may have got there in a pause, or while the server was down.
      for (let tries = 1; tries < maxTries && !came && !over.aborted; tries++) came = await this.carryOut(fault);
      const what = fault.what === 'kill-worker-at' ? fault.point : fault.what;
      if (came) this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
      this.say(
        `  ${clock(Date.now())} ${at} dials: ${fault.what} ${detailOf(fault)}${came ? '' : ' (did not come about)'}`,
      );
    }
  }

  /** @returns whether it came about */
  private async carryOut(fault: Fault): Promise<boolean> {
    const { gateway, receiver, ways } = this.stage;
    switch (fault.what) {
      case 'kill-worker-at':
        return this.withWorker((worker) => this.killAt(worker, fault.point));
      case 'kill-worker':
        return this.withWorker((worker) => this.restart(worker, 0));
      case 'restart-worker':
        return this.withWorker(async (worker) => {
          const ended = await worker.end();
          await worker.start();
          return ended;
        });
      case 'stop-worker':
        return this.withWorker((worker) => this.hold(worker, () => sleep(fault.forMs)));
      case 'stop-worker-and-ask':
        return this.withWorker((worker) => this.hold(worker, () => this.askAmid(fault)));
      case 'kill-server':
        return this.restartServer(fault.forMs);
      case 'stop-server':
        return this.hold(this.stage.server, () => sleep(fault.forMs));
      case 'kill-postgres':
        return this.restartPostgres(fault.forMs);
      case 'stop-postgres':
        return this.hold(this.stage.postgres!, () => sleep(fault.forMs));
      case 'kill-gateway':
        return this.restart(gateway, 0);
      case 'stop-gateway':
        return this.hold(gateway, () => sleep(fault.forMs));
      case 'kill-receiver':
        return this.restart(receiver, fault.forMs);
      case 'stop-receiver':
        return this.hold(receiver, () => sleep(fault.forMs));
      case 'receiver-fails':
        return this.setReceiver('fails', fault.forMs);
      case 'receiver-hangs':
        return this.setReceiver('hangs', fault.forMs);
      case 'slow-receiver':
        return this.setReceiver('lingers', fault.forMs);
      case 'cut-connection':
        return this.cutConnection(fault.forMs);
      case 'slow-connection':
        return this.slowDown(ways.worker, slowMs, () => sleep(fault.forMs));
      case 'slow-connection-and-ask':
        // An answer of the gate is too old when it comes, and the intent that was sent before it is not.
        return this.slowDown(ways.worker, this.stage.heartbeatTimeoutMs / 4 - 100, () => this.askAmid(fault));
      case 'slow-gateway':
        return this.slowDown(ways.gateway, slowMs, () => sleep(fault.forMs));
      case 'slow-postgres':
        return this.slowDown(ways.postgres!, slowPostgresMs, () => sleep(fault.forMs));
      default:
        return fault satisfies never;
    }
  }

  private async killAt(worker: Player, point: string): Promise<boolean> {
    const died = await worker.diesOf({ killAt: point }, {}, reachLimitMs);
    if (!died) return false;
    this.kills++;
    await worker.start();
    return true;
  }

  private async restart(player: Player, downMs: number): Promise<boolean> {
    await player.kill();
    this.kills++;
    await sleep(downMs);
    await player.start();
    return true;
  }

  private async restartServer(downMs: number): Promise<boolean> {
    const { server } = this.stage;
    await server.kill();
    this.kills++;
    await sleep(downMs);
    await server.startAgain();
    return true;
  }

  private async restartPostgres(downMs: number): Promise<boolean> {
    const postgres = this.stage.postgres!;
    await postgres.kill();
    this.kills++;
    await sleep(downMs);
    await postgres.restart();
    return true;
  }

  private async hold<T>(what: { hold(): () => void }, meanwhile: () => Promise<T>): Promise<boolean> {
    const goOn = what.hold();
    const came = await meanwhile();
    goOn();
    return came !== false;
  }

  private async cutConnection(forMs: number): Promise<boolean> {
    const { ways, workers } = this.stage;
    const back = workers[0]!.leave();
    ways.worker.cut();
    await sleep(forMs);
    ways.worker.mend();
    void sleep(reconnectMs).then(back);
    return true;
  }

  private async slowDown<T>(way: TcpProxy, delayMs: number, meanwhile: () => Promise<T>): Promise<boolean> {
    way.delayMs = delayMs;
    const came = await meanwhile();
    way.delayMs = 0;
    return came !== false;
  }

  private async setReceiver(mode: ReceiverMode, forMs: number): Promise<boolean> {
    const { receiver } = this.stage;
    receiver.tell(mode);
    await sleep(forMs);
    receiver.tell('takes' satisfies ReceiverMode);
    return true;
  }

  /** What was under way to or in the worker is older than the answer. @returns false where there was none */
  private async askAmid({ forMs, ask }: { forMs: number; ask: 'pause' | 'cancel' }): Promise<boolean> {
    const plan = this.campaigns.busiest(ask);
    if (!plan) return false;
    await sleep(forMs - afterAnswerMs);
    // Its workflow may be in the worker that stands still.
    const status = await this.campaigns.ask(plan, ask, AbortSignal.timeout(askLimitMs));
    if (status === 200) await sleep(afterAnswerMs);
    // A pause that nobody heard of may have come all the same.
    if (ask === 'pause') void sleep(afterAnswerMs).then(() => this.campaigns.ask(plan, 'resume'));
    return status === 200;
  }

  /** One that nothing else is done to; by turns, so that each is hit. */
  private async withWorker(work: (worker: Player) => Promise<boolean>): Promise<boolean> {
    const { workers } = this.stage;
    const free = (): Player | undefined =>
      workers.map((_, n) => workers[(this.turn + n) % workers.length]!).find(({ isTaken }) => !isTaken);
    let worker: Player | undefined;
    while (!(worker = free())) await sleep(100);
    this.turn = workers.indexOf(worker) + 1;
    worker.isTaken = true;
    try {
      return await work(worker);
    } finally {
      worker.isTaken = false;
    }
  }
}

function laneOf({ what }: Fault): Lane {
  return lanes.find((lane) => what.includes(lane)) ?? 'worker';
}

function detailOf(fault: Fault): string {
  const { point, forMs, ask } = fault as Partial<Record<'point' | 'ask', string> & { forMs: number }>;
  return [point, ask && `${ask} amid it`, forMs !== undefined && `${(forMs / 1_000).toFixed(1)} s`]
    .filter(Boolean)
    .join(', ');
}
