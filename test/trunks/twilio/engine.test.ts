/** The engine on the Twilio trunk, with the local API's own ledger as witness: calls of all kinds, and workers that die. */
import { once } from 'node:events';
import type { CallRecord } from 'outdial';
import { type TwilioTrunk, twilioTrunk, type TwilioTrunkOptions } from 'outdial/worker';
import { collect } from '../../support/collect';
import { kill, killAll, startWorkerProcess } from '../../support/crash-lab';
import { Engine } from '../../support/engine';
import { eventually } from '../../support/eventually';
import { testAddress } from '../../support/server';
import { accountSid, authToken, type Callee, LocalTwilio, type Mishap } from './local-twilio';

let twilio: LocalTwilio;
beforeEach(async () => {
  twilio = await LocalTwilio.start();
});
afterEach(() => twilio.stop());

const options = (): TwilioTrunkOptions => ({
  accountSid,
  authToken,
  baseUrl: twilio.baseUrl,
  pollMs: 50,
  log: () => undefined,
});

describe('sixty calls', () => {
  const human: Callee = { answeredBy: 'human', talkMs: 300 };
  /** What each kind of callee does, what the API does to the first requests for them, and how it is to be recorded. */
  const kinds: readonly {
    readonly callees?: readonly Callee[];
    readonly mishaps?: readonly Mishap[];
    /** Of each attempt: outcome, and callee type. */
    readonly attempts: readonly (readonly [string, string?])[];
    readonly lineFaults?: number;
    readonly state?: string;
  }[] = [
    { callees: [human], attempts: [['answered', 'voice']] },
    { callees: [{ answeredBy: 'machine_start', talkMs: 400 }], attempts: [['answered', 'answeringmachine']] },
    { callees: [{ answeredBy: 'fax', talkMs: 400 }], attempts: [['answered', 'fax']] },
    { callees: [{ answeredBy: 'unknown', talkMs: 400 }], attempts: [['answered', 'unknown']] },
    { callees: [{ talkMs: 20 }], attempts: [['answered', 'unknown']] },
    { callees: [{ ends: 'busy' }, human], attempts: [['busy'], ['answered', 'voice']] },
    { callees: [{ ends: 'no-answer', ringMs: 200 }], attempts: [['no-answer'], ['no-answer']], state: 'expired' },
    { callees: [{ ends: 'failed' }, human], attempts: [['unreachable'], ['answered', 'voice']] },
    { mishaps: [{ status: 400, code: 21217 }], attempts: [['invalid-number']], state: 'rejected' },
    { callees: [human], mishaps: [{ status: 429, retryAfter: '0' }], attempts: [['answered', 'voice']], lineFaults: 1 },
    { callees: [human], mishaps: [{ close: 'after' }], attempts: [['answered', 'voice']] },
    { callees: [human], mishaps: [{ status: 503 }], attempts: [['answered', 'voice']], lineFaults: 1 },
  ];
  const numberOf = (n: number): string => `+161755502${String(n).padStart(2, '0')}`;

  let engine: Engine;
  let trunk: TwilioTrunk;
  beforeEach(async () => {
    trunk = twilioTrunk(options());
    engine = await Engine.start({ queue: { trunk, lines: 20 }, application: async (call) => call.ended });
  });
  afterEach(async () => {
    await engine.stop();
    await trunk.close();
  });

  it('are on record as they went', async () => {
    const pending = new Map<string, Mishap[]>();
    for (let n = 0; n < 60; n++) {
      const { callees = [], mishaps = [] } = kinds[n % kinds.length]!;
      twilio.callees.set(numberOf(n), callees);
      pending.set(numberOf(n), [...mishaps]);
    }
    twilio.mishap = ({ method, form }) => (method === 'POST' ? pending.get(form.get('To') ?? '')?.shift() : undefined);

    const campaign = await engine.outdial.startCampaign(
      engine.spec({ redial: { maxAttempts: 2, waitMs: 1_000 } }),
      Array.from({ length: 60 }, (_, n) => ({ destination: numberOf(n), messageReference: String(n) })),
    );
    await campaign.result();
    const records = await collect(campaign.calls());
    expect(records).toHaveLength(60);
    for (const record of records) {
      const n = Number(record.messageReference);
      const { attempts, lineFaults, state = 'completed' } = kinds[n % kinds.length]!;
      const seen = record.attempts.map(({ outcome, calleeType }) => (calleeType ? [outcome, calleeType] : [outcome]));
      expect([n, record.state, record.lineFaults, seen]).toEqual([n, state, lineFaults, attempts]);
      expectAsRung(record);
    }
    // One request for each attempt and each line fault, and no call beside them.
    const attempts = records.flatMap((record) => record.attempts);
    const refused = attempts.filter(({ outcome }) => outcome === 'invalid-number').length;
    const lineFaults = records.reduce((sum, record) => sum + (record.lineFaults ?? 0), 0);
    expect(twilio.calls).toHaveLength(attempts.length - refused);
    expect(twilio.creates).toHaveLength(attempts.length + lineFaults);
  }, 60_000);

  /** What the network saw of the callee is what the record says. */
  function expectAsRung({ destination, attempts }: CallRecord): void {
    const rung = twilio.calls.filter(({ to }) => to === destination);
    const dialed = attempts.filter(({ outcome }) => outcome !== 'invalid-number');
    expect(dialed).toHaveLength(rung.length);
    for (const [index, { outcome, answeredAt, ringingAt, cause }] of dialed.entries()) {
      const { status, answered, rang } = rung[index]!;
      expect([answeredAt !== undefined, ringingAt !== undefined]).toEqual([answered, rang]);
      expect(cause).toEqual({ text: `Twilio: ${status}` });
      expect(outcome === 'answered').toBe(status === 'completed');
    }
  }
});

describe('a worker that is killed', () => {
  const destination = '+16175550123';
  let engine: Engine;
  beforeEach(async () => {
    engine = await Engine.prepare();
  });
  afterEach(async () => {
    await killAll();
    await engine.stop();
  });

  const startWorker = (more: object = {}) =>
    startWorkerProcess(engine, { address: testAddress(), twilio: options(), ...more });
  const dialed = () => twilio.calls[0]?.status;

  async function queueCall(): Promise<() => Promise<CallRecord>> {
    const { campaignId: _none, ...spec } = engine.spec({ redial: { maxAttempts: 3, waitMs: 1_000 } });
    const call = await engine.outdial.queueCall({ ...spec, destination });
    return () => call.result() as Promise<CallRecord>;
  }

  it('between request and answer: the call is taken up, and nobody is rung again', async () => {
    twilio.callees.set(destination, [{ answeredBy: 'human', ringMs: 8_000, talkMs: 500 }]);
    twilio.mishap = ({ method }) => (method === 'POST' ? { delayMs: 60_000 } : undefined);
    const first = await startWorker();
    const result = await queueCall();
    await eventually(() => twilio.creates.length === 1);
    await kill(first);
    twilio.mishap = () => undefined;
    await startWorker();
    expect(await result()).toMatchObject({
      state: 'completed',
      result: 'talked',
      attempts: [{ outcome: 'answered', calleeType: 'voice' }],
    });
    expect(twilio.creates).toHaveLength(1);
  }, 60_000);

  it('while they talk: the application runs anew, on the same call', async () => {
    twilio.callees.set(destination, [{ answeredBy: 'human', talkMs: 8_000 }]);
    await startWorker({ killAt: 'talking' });
    const result = await queueCall();
    await eventually(() => dialed() === 'in-progress');
    await startWorker();
    expect(await result()).toMatchObject({ state: 'completed', result: 'talked', attempts: [{ outcome: 'answered' }] });
    expect(twilio.creates).toHaveLength(1);
  }, 60_000);

  it('and a call that has ended meanwhile is on record as it went', async () => {
    twilio.callees.set(destination, [{ ringMs: 300, answeredBy: 'human', talkMs: 300 }]);
    await startWorker({ killAt: 'ringing' });
    const result = await queueCall();
    await eventually(() => dialed() === 'completed');
    await startWorker();
    expect(await result()).toMatchObject({
      state: 'completed',
      attempts: [{ outcome: 'answered', calleeType: 'voice' }],
    });
    expect(twilio.creates).toHaveLength(1);
  }, 60_000);

  it('nothing is dialed before the API can be asked for the call', async () => {
    twilio.callees.set(destination, [{ answeredBy: 'human', ringMs: 300, talkMs: 60_000 }]);
    const first = await startWorker();
    const result = await queueCall();
    await eventually(() => dialed() !== undefined);
    await kill(first);
    let refused = 0;
    twilio.mishap = ({ query }) => (query.has('To') && refused++ < 1 ? { status: 503 } : undefined);
    await startWorker();
    await eventually(() => refused > 1);
    await eventually(() => twilio.requests.at(-1)?.query.get('Status') === 'in-progress');
    twilio.calls[0]!.status = 'completed';
    expect(await result()).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(twilio.creates).toHaveLength(1);
  }, 60_000);

  it('before the request: there is no call, the attempt is interrupted, and the callee is rung after the wait', async () => {
    twilio.callees.set(destination, [{ answeredBy: 'human', talkMs: 300 }]);
    const first = await startWorker({ killAt: 'after-intent' });
    const result = await queueCall();
    await once(first, 'exit');
    await startWorker();
    expect(await result()).toMatchObject({
      state: 'completed',
      attempts: [{ outcome: 'interrupted' }, { outcome: 'answered' }],
    });
    expect(twilio.creates).toHaveLength(1);
  }, 60_000);
});
