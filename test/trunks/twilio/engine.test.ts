/** The engine on the Twilio trunk, with the local API's own ledger as witness: calls of all kinds, and workers that die. */
import { once } from 'node:events';
import type { CallHandle, CallRecord } from 'outdial';
import { type Application, type TwilioTrunk, twilioTrunk, type TwilioTrunkOptions } from 'outdial/worker';
import { collect } from '../../support/collect';
import { kill, killAll, startWorkerProcess } from '../../support/crash-lab';
import { Engine } from '../../support/engine';
import { eventually } from '../../support/eventually';
import { testAddress } from '../../support/server';
import { accountSid, authToken, type Callee, type LocalCall, LocalTwilio, type Mishap } from './local-twilio';

let twilio: LocalTwilio;

const options = (): TwilioTrunkOptions => ({
  accountSid,
  authToken,
  baseUrl: twilio.baseUrl,
  pollMs: 50,
  log: () => undefined,
});

describe('sixty calls', () => {
  const human: Callee = { answeredBy: 'human', talkMs: 300 };
  const stays: Callee = { answeredBy: 'human', talkMs: Infinity };
  /** What each kind of callee does, what the API does to the first requests for them, and how it is to be recorded. */
  const kinds: readonly {
    readonly callees?: readonly Callee[];
    readonly mishaps?: readonly Mishap[];
    /** Of each attempt: outcome, and callee type. */
    readonly attempts: readonly (readonly [string, string?])[];
    readonly lineFaults?: number;
    readonly state?: string;
    /** Whom an answered callee is handed to, and what comes of it. */
    readonly transferTo?: string;
    readonly transfer?: string;
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
    { callees: [stays], attempts: [['answered', 'voice']], transferTo: '+16175550301', transfer: 'answered' },
    { callees: [stays], attempts: [['answered', 'voice']], transferTo: '+16175550302', transfer: 'busy' },
  ];
  const numberOf = (n: number): string => `+161755502${String(n).padStart(2, '0')}`;

  let engine: Engine;
  let trunk: TwilioTrunk;
  beforeAll(async () => {
    twilio = await LocalTwilio.start();
    trunk = twilioTrunk(options());
    const application: Application = ({ parameters, ended, transfer }) =>
      parameters['transferTo'] ? transfer(String(parameters['transferTo'])) : ended;
    engine = await Engine.start({ queue: { trunk, lines: 20 }, application });
  });
  afterAll(async () => {
    await engine.stop();
    await trunk.close();
    await twilio.stop();
  });

  it('are on record as they went', async () => {
    const pending = new Map<string, Mishap[]>();
    for (let n = 0; n < 60; n++) {
      const { callees = [], mishaps = [] } = kinds[n % kinds.length]!;
      twilio.callees.set(numberOf(n), callees);
      pending.set(numberOf(n), [...mishaps]);
    }
    twilio.callees.set('+16175550301', [human]);
    twilio.callees.set('+16175550302', [{ ends: 'busy' }]);
    twilio.mishap = ({ method, form }) => (method === 'POST' ? pending.get(form.get('To') ?? '')?.shift() : undefined);

    const campaign = await engine.outdial.startCampaign(
      engine.spec({ redial: { maxAttempts: 2, waitMs: 1_000 } }),
      Array.from({ length: 60 }, (_, n) => {
        const { transferTo } = kinds[n % kinds.length]!;
        return {
          destination: numberOf(n),
          messageReference: String(n),
          ...(transferTo && { parameters: { transferTo } }),
        };
      }),
    );
    await campaign.result();
    const records = await collect(campaign.calls());
    expect(records).toHaveLength(60);
    for (const record of records) {
      const n = Number(record.messageReference);
      const { attempts, lineFaults, state = 'completed', transferTo, transfer } = kinds[n % kinds.length]!;
      const seen = record.attempts.map(({ outcome, calleeType }) => (calleeType ? [outcome, calleeType] : [outcome]));
      expect([n, record.state, record.lineFaults, seen]).toEqual([n, state, lineFaults, attempts]);
      expectAsRung(record);
      const transfers = record.attempts.flatMap(({ transfers = [] }) => transfers);
      expect(transfers).toMatchObject(transferTo ? [{ to: transferTo, outcome: transfer }] : []);
    }
    // One request for each attempt and each line fault, and no call beside them.
    const attempts = records.flatMap((record) => record.attempts);
    const refused = attempts.filter(({ outcome }) => outcome === 'invalid-number').length;
    const lineFaults = records.reduce((sum, record) => sum + (record.lineFaults ?? 0), 0);
    const transfers = attempts.flatMap(({ transfers = [] }) => transfers);
    expect(twilio.children.map(({ to }) => to).sort()).toEqual(transfers.map(({ to }) => to).sort());
    expect(twilio.calls).toHaveLength(attempts.length - refused + transfers.length);
    expect(twilio.creates).toHaveLength(attempts.length + lineFaults);
  }, 120_000);

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

/** All that takes its time is waited for at once, in `beforeAll`: each test looks at one of the calls. */
describe('a worker that is killed', () => {
  const number = {
    requested: '+16175550121',
    talking: '+16175550122',
    ending: '+16175550123',
    unreadable: '+16175550124',
    intended: '+16175550125',
  };
  const longMs = 600_000;
  const engines: Engine[] = [];
  const records = new Map<string, CallRecord>();

  beforeAll(async () => {
    twilio = await LocalTwilio.start();
    for (const to of [number.requested, number.ending, number.unreadable]) twilio.callees.set(to, [{ ringMs: longMs }]);
    twilio.callees.set(number.talking, [{ answeredBy: 'human', talkMs: Infinity }]);
    twilio.callees.set(number.intended, [{ answeredBy: 'human', talkMs: 300 }]);
    await Promise.all([killInMidCall(), killBeforeRequest()]);
  }, 180_000);
  afterAll(async () => {
    await killAll();
    await Promise.all(engines.map((engine) => engine.stop()));
    await twilio.stop();
  });

  const callTo = (destination: string): LocalCall | undefined => twilio.calls.find(({ to }) => to === destination);
  const createsTo = (destination: string): number =>
    twilio.creates.filter(({ form }) => form.get('To') === destination).length;
  const looksFor = (destination: string): number =>
    twilio.requests.filter(({ query }) => query.get('To') === destination).length;
  const isConnected = (call: CallHandle): Promise<unknown> =>
    eventually(async () => (await call.record()).state === 'connected');

  async function prepare(): Promise<Engine> {
    const engine = await Engine.prepare();
    engines.push(engine);
    return engine;
  }

  const startWorker = (engine: Engine, more: object = {}) =>
    startWorkerProcess(engine, { address: testAddress(), twilio: options(), ...more });

  async function queueCall(engine: Engine, destination: string): Promise<CallHandle> {
    const { campaignId: _none, ...spec } = engine.spec({ redial: { maxAttempts: 3, waitMs: 1_000 } });
    return engine.outdial.queueCall({ ...spec, destination });
  }

  async function takeDown(destination: string, call: CallHandle): Promise<void> {
    records.set(destination, (await call.result()) as CallRecord);
  }

  function answer(destination: string): void {
    Object.assign(callTo(destination)!, { status: 'in-progress', answered: true, answeredBy: 'human' });
  }

  function hangUp(destination: string): void {
    twilio.finish(callTo(destination)!, 'completed');
  }

  async function killInMidCall(): Promise<void> {
    twilio.mishap = ({ method, form }) =>
      method === 'POST' && form.get('To') === number.requested ? { delayMs: longMs } : undefined;
    const engine = await prepare();
    const first = await startWorker(engine);
    const requested = await queueCall(engine, number.requested);
    const talking = await queueCall(engine, number.talking);
    const ending = await queueCall(engine, number.ending);
    const unreadable = await queueCall(engine, number.unreadable);
    await isConnected(talking);
    for (const to of [number.requested, number.ending, number.unreadable])
      await eventually(() => callTo(to)?.status === 'ringing');
    await kill(first);

    let refused = 0;
    twilio.mishap = ({ query }) =>
      query.get('To') === number.unreadable && refused++ < 1 ? { status: 503 } : undefined;
    answer(number.ending);
    hangUp(number.ending);
    await startWorker(engine);
    const takenUp = async (to: string, call: CallHandle, looks: number): Promise<void> => {
      await eventually(() => looksFor(to) >= looks);
      answer(to);
      await isConnected(call);
      hangUp(to);
      await takeDown(to, call);
    };
    await Promise.all([
      takenUp(number.requested, requested, 1),
      takenUp(number.talking, talking, 1),
      takeDown(number.ending, ending),
      takenUp(number.unreadable, unreadable, 2),
    ]);
  }

  async function killBeforeRequest(): Promise<void> {
    const engine = await prepare();
    const first = await startWorker(engine, { killAt: 'after-intent' });
    const call = await queueCall(engine, number.intended);
    await once(first, 'exit');
    await startWorker(engine);
    await takeDown(number.intended, call);
  }

  it('between request and answer: the call is taken up, and nobody is rung again', () => {
    expect(records.get(number.requested)).toMatchObject({
      state: 'completed',
      result: 'talked',
      attempts: [{ outcome: 'answered', calleeType: 'voice' }],
    });
    expect(createsTo(number.requested)).toBe(1);
  });

  it('while they talk: the application runs anew, on the same call', () => {
    const record = records.get(number.talking);
    expect(record).toMatchObject({ state: 'completed', result: 'talked', attempts: [{ outcome: 'answered' }] });
    expect(createsTo(number.talking)).toBe(1);
  });

  it('and a call that has ended meanwhile is on record as it went', () => {
    const attempts = [{ outcome: 'answered', calleeType: 'voice' }];
    expect(records.get(number.ending)).toMatchObject({ state: 'completed', attempts });
    expect(createsTo(number.ending)).toBe(1);
  });

  it('nothing is dialed before the API can be asked for the call', () => {
    const record = records.get(number.unreadable);
    expect(record).toMatchObject({ state: 'completed', result: 'talked', attempts: [{ outcome: 'answered' }] });
    expect([looksFor(number.unreadable), createsTo(number.unreadable)]).toEqual([2, 1]);
  });

  it('before the request: there is no call, the attempt is interrupted, and the callee is rung after the wait', () => {
    const attempts = [{ outcome: 'interrupted' }, { outcome: 'answered' }];
    expect(records.get(number.intended)).toMatchObject({ state: 'completed', attempts });
    expect(createsTo(number.intended)).toBe(1);
  });
});
