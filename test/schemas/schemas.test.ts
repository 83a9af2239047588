import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CampaignStatus, Gate, Totals } from 'outdial';
import { simulatedNumber } from 'outdial/worker';
import { z } from 'zod';
import { type SchemaName, schemas } from '../../src/schemas';
import { schemaOf } from '../../src/schemas/same-type';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { folder, schemaFiles } from './json-schemas';

test('schemas/ is up to date', () => {
  const written = schemaFiles();
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const stale = [...written].filter(
    ([name, content]) => !present.includes(name) || readFileSync(join(folder, name), 'utf8') !== content,
  );
  const wrong = [...stale.map(([name]) => name), ...present.filter((name) => !written.has(name))];
  if (wrong.length > 0) throw new Error(`run \`npm run write-schemas\`; out of date: ${wrong.join(', ')}`);
});

test('a schema that is not the type it stands for does not compile', () => {
  const totals = { calls: z.int(), completed: z.int(), expired: z.int(), canceled: z.int(), rejected: z.int() };
  schemaOf<Totals>()(z.strictObject({ ...totals, attempts: z.int() }));
  // @ts-expect-error -- a field is missing
  schemaOf<Totals>()(z.strictObject(totals));
  // @ts-expect-error -- an optional field is missing
  schemaOf<Gate>()(z.strictObject({ expiresAt: z.int().nullable(), pausedAt: z.int().optional() }));
  // @ts-expect-error -- a field is optional that is not
  schemaOf<Totals>()(z.strictObject({ ...totals, attempts: z.int().optional() }));
  // @ts-expect-error -- a field is there that is not
  schemaOf<Totals>()(z.strictObject({ ...totals, attempts: z.int(), others: z.int().optional() }));
});

describe('what an engine answers and posts is what the schemas say:', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await Engine.start({
      trunk: { ringMs: 0, talkMs: 0 },
      application: () => ({ confirmed: [true, null] }),
      workers: { resultTryMs: 0, secrets: { crm: `whsec_${Buffer.alloc(32).toString('base64')}` } },
    });
  });
  afterAll(() => engine.stop());

  /** Fails with every field that is not as the schema says. */
  const check = (name: SchemaName, value: unknown): void => void schemas[name].parse(value);

  test('a campaign with calls of all kinds', async () => {
    engine.receiver.answer = ({ event }, response) =>
      response.writeHead(event.type === 'call.expired' ? 500 : 200).end();
    const kinds = ['voice', 'answeringmachine', 'busy-twice', 'declined', 'invalid-number', 'line-fault-once'] as const;
    const spec = engine.spec({
      redial: { maxAttempts: 2, waitMs: 3_000 },
      resultSecret: 'crm',
      keepOpen: true,
      expiresAt: Date.now() + 3_600_000,
    });
    const campaign = await engine.outdial.startCampaign(spec, [
      ...kinds.map((kind) => ({ destination: simulatedNumber(kind), messageReference: kind })),
      { destination: `${simulatedNumber('voice', 1)};postd=12#`, parameters: { nested: { list: [1, 'a', null] } } },
      { destination: 'no number' },
    ]);
    const handle = engine.client.workflow.getHandle(campaign.workflowId);
    const busy = campaign.call(`${campaign.campaignId}.1.3`);
    const waiting = await eventually(async () => {
      const record = await busy.record();
      return record.state === 'failed' && record;
    });
    check('call-record', waiting);

    const calls = [{ destination: simulatedNumber('voice', 2) }, { destination: simulatedNumber('voice', 2) }];
    check('intake-summary', await handle.executeUpdate('addCalls', { args: [{ calls }] }));
    check('gate', await handle.executeUpdate('pause'));
    await handle.signal('extend', { expiresAt: 'later' });
    const noted = await eventually(async () => {
      const status = await handle.query<CampaignStatus>('progress');
      return status.note !== undefined && status;
    });
    check('campaign-status', noted);
    check('gate', await handle.executeUpdate('resume'));
    await eventually(async () => expect(await campaign.progress()).toMatchObject({ ended: { calls: 10 } }));
    check('gate', await handle.executeUpdate('cancel', { args: [{ hangUp: true }] }));
    check('campaign-result', await handle.result());
    check('campaign-status', await handle.query('progress'));

    const records = await collect(campaign.calls());
    expect(new Set(records.map(({ state }) => state))).toEqual(new Set(['completed', 'expired', 'rejected']));
    for (const record of records) check('call-record', record);
    const ended = records.find(({ attempts }) => attempts.length > 0)!;
    check('call-end', await engine.client.workflow.getHandle(`call/${ended.callId}`).result());
    const types = new Set(engine.receiver.posts.map(({ event }) => event.type));
    expect(types).toEqual(new Set(['call.completed', 'call.expired', 'call.rejected', 'campaign.canceled']));
    for (const { event } of engine.receiver.posts) check('event', event);
  });

  test("a queue's lines", async () => {
    const queue = engine.outdial.queue('main');
    check('queue-lines', await queue.stop());
    const { leases, stopped } = await queue.describe();
    expect([leases.length, stopped]).toEqual([1, true]);
    check('queue-lines', await queue.describe());
    check('queue-lines', await queue.start());
  });

  test('a scheduled campaign that is canceled', async () => {
    const spec = engine.spec({ startAt: Date.now() + 3_600_000, expiresAt: null });
    const campaign = await engine.outdial.startCampaign(spec, [{ destination: simulatedNumber('voice') }]);
    const scheduled = await eventually(async () => (await collect(campaign.calls()))[0] ?? false);
    check('call-record', scheduled);
    check('gate', await campaign.cancel());
    check('campaign-result', await campaign.result());
    for (const record of await collect(campaign.calls())) check('call-record', record);
    for (const { event } of engine.receiver.posts) check('event', event);
  });
});
