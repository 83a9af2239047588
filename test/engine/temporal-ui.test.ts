import { randomUUID } from 'node:crypto';
import type { WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { type CallRequest, type CampaignHandle, campaignWorkflowId } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import { ani, Engine } from '../support/engine';
import { eventually } from '../support/eventually';

let engine: Engine;
/** One that has ended: with a redial, a row and a number that are rejected, and a result that is not delivered. */
let campaign: CampaignHandle;
/** One with a segment. */
let large: CampaignHandle;

const destinations = [simulatedNumber('voice'), simulatedNumber('busy'), '617555', simulatedNumber('invalid-number')];

beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 }, workers: { resultTryMs: 0 } });
  engine.receiver.answer = (received, response) =>
    response.writeHead(received.event.type === 'call.expired' ? 500 : 200).end();
  campaign = await engine.outdial.startCampaign(
    engine.spec({ redial: { maxAttempts: 2, waitMs: 1_000 } }),
    destinations.map((destination) => ({ destination, parameters: { phone: simulatedNumber('voice', 1) } })),
  );
  const rows = Array<CallRequest>(501).fill({ destination: '617555' });
  large = await engine.outdial.startCampaign(engine.spec({ resultUrl: undefined }), rows);
  await Promise.all([campaign.result(), large.result()]);
});
afterAll(() => engine.stop());

const handleOf = (workflowId: string): WorkflowHandle => engine.client.workflow.getHandle(workflowId);

async function list(query: string): Promise<WorkflowExecutionInfo[]> {
  return collect(engine.client.workflow.list({ query }));
}

async function ids(query: string): Promise<string[]> {
  return (await list(query)).map(({ workflowId }) => workflowId).sort();
}

async function detailsOf(workflowId: string): Promise<string> {
  const metadata = await handleOf(workflowId).query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails;
}

describe('list queries', () => {
  test("find a campaign's workflows by campaign, queue and state", async () => {
    const { campaignId, workflowId } = campaign;
    const own = `OutdialCampaign = "${campaignId}"`;
    const call = (row: number): string => `call/${campaignId}.1.${row}`;
    await eventually(async () => expect(await ids(own)).toEqual([call(1), call(2), call(4), workflowId].sort()));
    const of = (state: string): Promise<string[]> =>
      ids(`${own} AND OutdialQueue = "main" AND OutdialState = "${state}"`);
    await eventually(async () => {
      expect(await of('completed')).toEqual([call(1), workflowId].sort());
      expect(await of('expired')).toEqual([call(2)]);
      expect(await of('rejected')).toEqual([call(4)]);
      expect(await of('running')).toEqual([]);
    });
  });

  test('find a campaign by its present state', async () => {
    const more = { startAt: Date.now() + 3_600_000, campaignId: `c-${randomUUID()}` };
    const scheduled = await engine.outdial.startCampaign(engine.spec(more), [{ destination: destinations[0]! }]);
    const inState = (state: string): Promise<void> =>
      eventually(async () => {
        const query = `OutdialCampaign = "${scheduled.campaignId}" AND OutdialState = "${state}"`;
        expect(await ids(query)).toEqual([scheduled.workflowId]);
      });
    await inState('scheduled');
    await scheduled.pause();
    await inState('paused');
    await scheduled.cancel();
    await inState('canceled');
  });

  test('find a campaign that was started bare, and a standalone call', async () => {
    const { campaignId, ...shared } = engine.spec();
    const workflowId = campaignWorkflowId(campaignId);
    await engine.client.workflow.start('campaign', {
      taskQueue: 'outdial-campaigns',
      workflowId,
      args: [{ campaignId, ...shared, calls: [{ destination: '617555' }] }],
    });
    const call = await engine.outdial.queueCall({ ...shared, destination: destinations[0]! });
    await call.result();
    await eventually(async () => {
      expect(await ids(`OutdialCampaign = "${campaignId}" AND OutdialState = "completed"`)).toEqual([workflowId]);
      expect(await ids('OutdialQueue = "main" AND OutdialState = "completed"')).toContain(call.workflowId);
    });
  });
});

describe('the page of', () => {
  test('a campaign says what it is and how it stands', async () => {
    const description = await handleOf(campaign.workflowId).describe();
    expect(await description.staticSummary()).toBe('4 calls on queue main');
    const [counts, next] = (await detailsOf(campaign.workflowId)).split('\n\n');
    expect(counts).toBe(
      '**completed**: 4 calls ended: 1 completed, 1 expired, 2 rejected; 0 open; 4 attempts; 4 calls in all',
    );
    expect(next).toBe('Ended.');
  });

  test('a campaign to come says when it starts and expires, and warns', async () => {
    const startAt = Math.ceil(Date.now() / 3_600_000 + 1) * 3_600_000;
    const spec = engine.spec({ startAt, expiresAt: startAt + 60_000 });
    const scheduled = await engine.outdial.startCampaign(spec, [{ destination: destinations[0]! }]);
    await eventually(async () => expect((await scheduled.progress()).calls).toBe(1));
    const details = await detailsOf(scheduled.workflowId);
    expect(details).toContain('**scheduled**: 0 calls ended; 0 open; 0 attempts; 1 calls in all');
    const [start, end] = [startAt, startAt + 60_000].map((time) => new Date(time).toISOString());
    expect(details).toContain(`Starts ${start}, expires ${end}.`);
    expect(details).toContain('within 3 minutes of the full hour');
    await scheduled.cancel();
    await scheduled.result();
  });

  test('a call says how each attempt ended and whether its result was delivered', async () => {
    const call = `call/${campaign.campaignId}.1.`;
    const description = await handleOf(`${call}2`).describe();
    expect(await description.staticSummary()).toBe('call 1.2');
    expect(await detailsOf(`${call}1`)).toBe('**completed**; attempts: 1. answered; result: delivered');
    expect(await detailsOf(`${call}2`)).toBe(
      '**expired** (attempts-exhausted); attempts: 1. busy, 2. busy; result: pending',
    );
  });

  test('a call names its dial', async () => {
    const { events } = await handleOf(`call/${campaign.campaignId}.1.2`).fetchHistory();
    const dial = events!.find((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'dial')!;
    expect(defaultPayloadConverter.fromPayload(dial.userMetadata!.summary!)).toBe('dial, up to 2 attempts');
  });

  test('a delivery says whose result it is', async () => {
    const callId = `${campaign.campaignId}.1.2`;
    const description = await handleOf(`delivery/${callId}`).describe();
    expect(await description.staticSummary()).toBe(`result of ${callId}`);
  });

  test('a segment says which calls it has and how they stand', async () => {
    const segment = `${large.workflowId}/segment/0`;
    expect(await (await handleOf(segment).describe()).staticSummary()).toBe('calls 1.1 to 1.501');
    expect(await detailsOf(segment)).toBe('501 calls ended: 501 rejected; 0 open; 0 attempts');
  });
});

test('no phone number shows in ids, search attributes, summaries, details or memos', async () => {
  const numbers = [...destinations, ani, simulatedNumber('voice', 1)].map((number) => number.replace('+1', ''));
  const workflows = await eventually(async () => {
    const found = await list(
      `WorkflowId STARTS_WITH "call/" OR WorkflowId STARTS_WITH "campaign/" OR WorkflowId STARTS_WITH "delivery/"`,
    );
    expect(new Set(found.map(({ type }) => type))).toEqual(new Set(['call', 'campaign', 'delivery', 'segment']));
    return found;
  });
  for (const { workflowId } of workflows) {
    const description = await handleOf(workflowId).describe();
    const { events } = await handleOf(workflowId).fetchHistory();
    const shown = [
      workflowId,
      JSON.stringify(description.typedSearchAttributes),
      JSON.stringify(description.memo),
      await description.staticSummary(),
      await description.staticDetails(),
      await detailsOf(workflowId),
      ...events!.map(({ userMetadata }) => {
        return userMetadata?.summary ? defaultPayloadConverter.fromPayload<string>(userMetadata.summary) : '';
      }),
    ].join('\n');
    for (const number of numbers) expect(shown).not.toContain(number);
  }
});
