/** A trunk that says that it can't place calls: its lines are out of service until it can again. */
import { NativeConnection } from '@temporalio/worker';
import type { CampaignHandle } from 'outdial';
import {
  type BeforeDial,
  type DialRequest,
  simulatedNumber,
  simulatedTrunk,
  type Trunk,
  type TrunkCall,
  type WorkersOptions,
} from 'outdial/worker';
import { callWorkflowId, taskQueuesOf } from '../../src/contract';
import { describeTaskQueue } from '../../src/task-queue';
import { Service } from '../../src/trunks/service';
import { collect } from '../support/collect';
import { ani, Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { testAddress } from '../support/server';

const problem = 'the network is away';
const lines = 4;

/** Simulated callees, and a network that is up as the test says. */
class FragileTrunk implements Trunk {
  readonly name = 'fragile';
  readonly service = new Service();
  /** Calls that were placed while it was down. */
  misplaced = 0;
  private readonly inner = simulatedTrunk({ ringMs: 0 });

  get problem(): string | undefined {
    return this.service.problem;
  }

  watchProblem(onChange: () => void): () => void {
    return this.service.watch(onChange);
  }

  place(request: DialRequest): TrunkCall {
    if (this.problem !== undefined) this.misplaced++;
    return this.inner.place(request);
  }
}

let engine: Engine;
let trunk: FragileTrunk;
/** Callees stay on the line until it resolves. */
let held: Promise<void>;
let release: () => void;

beforeEach(async () => {
  engine = await Engine.prepare({ application: () => held });
  trunk = new FragileTrunk();
  held = new Promise((resolve) => (release = resolve));
});
afterEach(async () => {
  release();
  await engine.stop();
});

async function startWorkers(its = trunk, more: Partial<WorkersOptions> = {}): Promise<void> {
  const main = { trunk: its, lines, callerIds: [ani], minRedialWaitMs: 1_000 };
  await engine.startWorkers({ queues: { main }, ...more });
}

const startCampaign = (count: number): Promise<CampaignHandle> =>
  engine.outdial.startCampaign(
    engine.spec(),
    Array.from({ length: count }, (_, n) => ({ destination: simulatedNumber('never-hangs-up', n) })),
  );

/** Resolves once so many dials wait for a line, in the line's task queue itself. */
async function waiting(count: number): Promise<void> {
  const { client, namespace } = engine;
  const queue = { namespace, name: taskQueuesOf(false).line('main'), tasks: 'activities' } as const;
  await eventually(async () => {
    const { stats } = await describeTaskQueue(client.workflowService, queue);
    expect(Number(stats?.approximateBacklogCount)).toBe(count);
  });
}

/** Resolves once the processes of the queue have such leases. */
async function leased(...leases: object[]): Promise<void> {
  await eventually(async () =>
    expect((await engine.outdial.queue('main').describe()).leases).toEqual(
      leases.map((lease) => expect.objectContaining(lease) as unknown),
    ),
  );
}

/** Every call was dialed once, and met no line fault. */
async function expectAllReached(campaign: CampaignHandle, calls: number): Promise<void> {
  expect(await campaign.result()).toMatchObject({ state: 'completed', completed: calls, attempts: calls });
  for (const record of await collect(campaign.calls())) expect(record).not.toHaveProperty('lineFaults');
}

test('calls wait in the queue, none is dialed or put off, and all are dialed once it is back', async () => {
  release();
  trunk.service.problem = problem;
  await startWorkers();
  await leased({ lines: 0, problem });
  const campaign = await startCampaign(6);
  await waiting(6);
  const calls = await collect(campaign.calls());
  for (const { callId } of calls) {
    const { raw } = await engine.client.workflow.getHandle(callWorkflowId(callId)).describe();
    expect(raw.pendingActivities).toMatchObject([{ attempt: 1 }]);
  }
  expect((await campaign.call(calls[0]!.callId).explain()).because).toEqual([
    'the lines of queue main are out of service until its trunk can dial: the network is away',
  ]);
  trunk.service.problem = undefined;
  await expectAllReached(campaign, 6);
  expect(trunk.misplaced).toBe(0);
  await leased({ lines });
});

test('live calls go on, and what lines had asked for is put off before the host is asked', async () => {
  const asked: string[] = [];
  const beforeDial: BeforeDial = ({ callId }) => {
    asked.push(callId);
    return 'dial';
  };
  await startWorkers(trunk, { beforeDial });
  const first = await startCampaign(2);
  await eventually(async () =>
    expect((await collect(first.calls())).map(({ state }) => state)).toEqual(['connected', 'connected']),
  );
  trunk.service.problem = problem;
  await leased({ lines: 2, problem });
  // Two lines have asked for a call each.
  const second = await startCampaign(5);
  await waiting(5);
  expect(asked).toHaveLength(2);
  release();
  await expectAllReached(first, 2);
  await leased({ lines: 0, problem });
  trunk.service.problem = undefined;
  await expectAllReached(second, 5);
  expect(trunk.misplaced).toBe(0);
});

test('processes whose trunk is up get the lines, and give them back', async () => {
  release();
  const other = new FragileTrunk();
  trunk.service.problem = problem;
  await startWorkers();
  // One connection carries one worker of a task queue.
  const connection = await NativeConnection.connect({ address: testAddress() });
  await startWorkers(other, { connection });
  await leased({ lines: 0, problem }, { lines });
  await expectAllReached(await startCampaign(8), 8);
  trunk.service.problem = undefined;
  // Lines change hands as calls end.
  const campaign = await startCampaign(1_000);
  await leased({ lines: 2 }, { lines: 2 });
  await campaign.cancel();
  await campaign.result();
  expect(trunk.misplaced).toBe(0);
  await engine.stopWorkers();
  await connection.close();
});
