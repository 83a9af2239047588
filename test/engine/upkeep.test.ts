/** Retention and erasure, as far as Temporal says what is open. */
import { simulatedNumber } from 'outdial/worker';
import { collect } from '../support/collect';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { describeWithPostgres, usePostgres } from '../support/postgres';
import type { StoreAt } from '../support/store-at';

const callee = simulatedNumber('voice', 1);
const other = simulatedNumber('voice', 2);
const secret = 'Ada Lovelace';
const day = 86_400_000;

/** The same on either store. */
function testUpkeepOf(name: string, placeStore: () => StoreAt | undefined): void {
  describe(name, () => {
    let engine: Engine;
    beforeAll(async () => {
      const store = placeStore();
      engine = await Engine.start({ ...(store && { store }), application: () => ({ said: secret }) });
    });
    afterAll(() => engine?.stop());

    const call = (destination: string) => ({ destination, parameters: { name: secret }, messageReference: secret });

    async function runCampaign(): Promise<string> {
      const campaign = await engine.outdial.startCampaign(engine.spec(), [call(callee), call(other)]);
      await campaign.result();
      return campaign.campaignId;
    }

    async function runCall(destination: string): Promise<string> {
      const { campaignId: callId, ...shared } = engine.spec();
      await (await engine.outdial.queueCall({ callId, ...shared, ...call(destination) })).result();
      return callId;
    }

    async function delivered(...callIds: string[]): Promise<void> {
      for (const callId of callIds) {
        await eventually(async () => (await engine.outdial.call(callId).record()).delivery.state === 'delivered');
      }
    }

    test('a callee is erased from ended calls; the campaign says the same of all else', async () => {
      const campaignId = await runCampaign();
      const alone = await runCall(callee);
      const calls = [`${campaignId}.1.1`, alone];
      await delivered(...calls);
      const report = await engine.outdial.eraseCallee(callee);
      expect([...report.calls].sort()).toEqual([...calls].sort());
      const campaign = engine.outdial.campaign(campaignId);
      const [erased, kept] = await collect(campaign.calls());
      expect(erased).toMatchObject({
        callId: calls[0],
        state: 'completed',
        erased: true,
        destination: '',
        parameters: {},
      });
      expect(kept).toMatchObject({ destination: other, parameters: { name: secret } });
      const record = await engine.outdial.call(alone).record();
      for (const hidden of [secret, callee]) expect(JSON.stringify([erased, record])).not.toContain(hidden);
      expect(await campaign.progress()).toMatchObject({ state: 'completed', calls: 2 });
      expect(await engine.outdial.eraseCallee(callee)).toEqual({ calls: [] });
    });

    test('a callee with an open call is not erased, and the call is named', async () => {
      const spec = engine.spec({ startAt: Date.now() + day, expiresAt: Date.now() + 2 * day });
      const campaign = await engine.outdial.startCampaign(spec, [call(other), call(callee)]);
      await eventually(() => campaign.progress());
      const callId = `${spec.campaignId}.1.2`;
      await expect(engine.outdial.eraseCallee(callee)).rejects.toMatchObject({
        code: 'REFUSED',
        message: expect.stringContaining(callId) as string,
        details: [callId],
      });
      expect((await engine.outdial.call(callId).record()).destination).toBe(callee);
      await campaign.cancel();
      await campaign.result();
      await delivered(callId);
      expect((await engine.outdial.eraseCallee(callee)).calls).toContain(callId);
    });

    test('a callee whose result is being delivered is not erased', async () => {
      const nobody = 'http://127.0.0.1:9/';
      const campaign = await engine.outdial.startCampaign(engine.spec({ resultUrl: nobody }), [call(callee)]);
      await campaign.result();
      const callId = `${campaign.campaignId}.1.1`;
      expect((await engine.outdial.call(callId).record()).delivery.state).toBe('pending');
      await expect(engine.outdial.eraseCallee(callee)).rejects.toMatchObject({ code: 'REFUSED', details: [callId] });
      const report = await engine.outdial.prune({ before: Date.now() - 1 });
      expect(report.undelivered).toContain(campaign.campaignId);
      expect(await collect(campaign.calls())).toHaveLength(1);
      await engine.client.workflow.getHandle(`delivery/${callId}`).terminate();
      // Who gives up on it by hand says so.
      await engine.store.records.saveDelivery(callId, { state: 'undelivered', at: Date.now() });
      expect(await engine.outdial.eraseCallee(callee)).toEqual({ calls: [callId] });
    });

    test('what ended long ago is removed, its id stays used, and what is open stays', async () => {
      const open = await engine.outdial.startCampaign(engine.spec({ keepOpen: true }), [call(other)]);
      await eventually(async () => (await open.progress()).ended.calls === 1);
      const ended = await runCampaign();
      const alone = await runCall(other);
      await delivered(`${open.campaignId}.1.1`, `${ended}.1.1`, `${ended}.1.2`, alone);
      await eventually(async () => (await engine.store.records.campaign(ended))?.delivery?.state === 'delivered');

      expect(await engine.outdial.prune({ before: Date.now() - day })).toMatchObject({
        campaigns: 0,
        standaloneCalls: 0,
      });
      const before = Date.now();
      const foreseen = await engine.outdial.prune({ before, dryRun: true });
      expect(foreseen.campaigns).toBeGreaterThanOrEqual(1);
      expect(await collect(engine.outdial.campaign(ended).calls())).toHaveLength(2);
      expect(await engine.outdial.prune({ before })).toEqual(foreseen);

      expect(await engine.store.records.call(`${ended}.1.1`)).toBeUndefined();
      expect(await engine.store.contacts.admittedLists(ended)).toEqual([]);
      expect(await engine.store.records.call(alone)).toBeUndefined();
      expect(await engine.outdial.campaign(ended).progress()).toMatchObject({ state: 'completed', calls: 2 });
      expect(await engine.store.records.campaign(ended)).toMatchObject({ prunedAt: expect.any(Number) as number });
      const again = engine.outdial.startCampaign(engine.spec({ campaignId: ended }), [call(other)]);
      await expect(again).rejects.toMatchObject({ code: 'ALREADY_ENDED' });
      expect(await collect(open.calls())).toHaveLength(1);
      expect(await engine.outdial.prune({ before: Date.now() - 1 })).toMatchObject({
        campaigns: 0,
        records: 0,
        standaloneCalls: 0,
      });
      await open.cancel();
      await open.result();
    });

    test('a campaign that was terminated is removed by when its calls were last heard of', async () => {
      const campaign = await engine.outdial.startCampaign(engine.spec({ keepOpen: true }), [call(other)]);
      await eventually(async () => (await campaign.progress()).ended.calls === 1);
      await delivered(`${campaign.campaignId}.1.1`);
      await engine.client.workflow.getHandle(campaign.workflowId).terminate();
      const callId = `${campaign.campaignId}.1.1`;
      const { endedAt } = (await engine.store.records.call(callId))!;
      await engine.outdial.prune({ before: endedAt });
      expect(await engine.store.records.call(callId)).toBeDefined();
      await engine.outdial.prune({ before: Date.now() });
      expect(await engine.store.records.call(callId)).toBeUndefined();
      expect(await engine.store.contacts.admittedLists(campaign.campaignId)).toEqual([]);
    });

    test.each([Number.NaN, Date.now() + day, 'yesterday'])('nothing is removed before %s', async (before) => {
      await expect(engine.outdial.prune({ before })).rejects.toMatchObject({ code: 'INVALID_SPEC' });
    });

    test.each(['4930123456', '+49 30 123456', ''])('"%s" is no number to erase', async (number) => {
      await expect(engine.outdial.eraseCallee(number)).rejects.toMatchObject({ code: 'INVALID_SPEC' });
    });
  });
}

testUpkeepOf('in files', () => undefined);
describeWithPostgres('PostgreSQL', () => {
  const server = usePostgres();
  testUpkeepOf('in tables', () => ({ connectionString: server().url(), schema: server().schema() }));
});
