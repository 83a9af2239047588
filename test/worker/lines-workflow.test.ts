import { randomUUID } from 'node:crypto';
import { type LeaseGrant, type LeaseRequest, linesWorkflowId, type QueueLines } from '../../src/contract';
import { type LinesWorkflow, startLines } from '../../src/client/start-lines';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';

jest.setTimeout(240_000);

let engine: Engine;
/** A queue that no worker of the engine has, so that only the test asks for its lines. */
const queue = 'other';
const handle = () => engine.client.workflow.getHandle(linesWorkflowId(queue));

beforeAll(async () => {
  engine = await Engine.start();
});
afterAll(() => engine.stop());

const startedAt = Date.now();
const worker = `w-${randomUUID()}`;
let seq = 0;

function ask(): Promise<LeaseGrant> {
  const request: LeaseRequest = { worker, startedAt, seq: ++seq, queueLines: 7, held: 7 };
  return engine.client.workflow.executeUpdateWithStart<LinesWorkflow, LeaseGrant, [LeaseRequest]>('lease', {
    args: [request],
    startWorkflowOperation: startLines(queue, 7),
  });
}

test('the workflow goes on anew before its history is long, and nothing that it knows is lost', async () => {
  await ask();
  const first = await handle().describe();
  await handle().executeUpdate<QueueLines, []>('stop');
  await eventually(async () => {
    await Promise.all(Array.from({ length: 8 }, ask));
    expect((await handle().describe()).runId).not.toBe(first.runId);
  }, 200_000);
  const lease = expect.objectContaining({ worker, lines: 7 }) as unknown;
  expect(await handle().query<QueueLines>('lines')).toMatchObject({ lines: 7, stopped: true, leases: [lease] });
  const now = await handle().describe();
  expect(now.typedSearchAttributes).toEqual(first.typedSearchAttributes);
});

test('it completes once nobody uses lines and the queue is not stopped, and starts anew for the next who asks', async () => {
  await ask();
  await handle().executeUpdate<QueueLines, []>('stop');
  await handle().signal('leave', worker);
  expect((await handle().describe()).status.name).toBe('RUNNING');
  await handle().executeUpdate<QueueLines, []>('start');
  await handle().result();
  expect(await ask()).toMatchObject({ lines: 7, stopped: false });
  expect((await handle().describe()).status.name).toBe('RUNNING');
});
