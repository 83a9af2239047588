/**
 * Malformed and hostile input over the WebSockets of events and sound, with calls in it that ring and talk. OUTDIAL_FUZZ says how
 * many, 2,000 by default, and OUTDIAL_FUZZ_SEED which: OUTDIAL_FUZZ=1000000 npx jest test/trunks/asterisk/fuzz
 */
import fc from 'fast-check';
import { asteriskTrunk, type AsteriskTrunk, type DialEnd, type DialRequest, recordingName } from 'outdial/worker';
import type { AsteriskCall } from '../../../src/trunks/asterisk/asterisk-call';
import { Outcome } from '../../../src/contract';
import { dialRequest } from '../../support/dial-request';
import { eventually } from '../../support/eventually';
import { AriServer } from './ari-server';

const inputs = Number(process.env['OUTDIAL_FUZZ'] ?? 2_000);
const seed = Number(process.env['OUTDIAL_FUZZ_SEED'] ?? 7);
/** Between two calls that must pass. */
const atOnce = 20;

const failures: unknown[] = [];
const onFailure = (error: unknown): void => void failures.push(error);
let server: AriServer;
let trunk: AsteriskTrunk;
beforeAll(async () => {
  process.on('unhandledRejection', onFailure);
  process.on('uncaughtException', onFailure);
  server = await AriServer.start();
  trunk = asteriskTrunk(server);
  await eventually(() => trunk.problem === undefined);
});
afterAll(async () => {
  await trunk.close();
  await server.stop();
  process.off('unhandledRejection', onFailure);
  process.off('uncaughtException', onFailure);
});

const requestOf = (callId: string): DialRequest => dialRequest('+16175550142', { callId });
/** Calls that the input is about. */
const requests = { rings: requestOf('rings'), talks: requestOf('talks') };
const idOf = ({ callId, attempt }: DialRequest): string => recordingName(callId, attempt);
const ids = Object.values(requests).map(idOf);

const orAnything = (...likely: unknown[]) =>
  fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...likely) }, { weight: 1, arbitrary: fc.jsonValue() });
const channel = fc.oneof(
  { weight: 5, arbitrary: fc.record({ id: orAnything(...ids), state: orAnything('Down', 'Ringing', 'Up') }) },
  { weight: 1, arbitrary: fc.record({ id: orAnything(...ids) }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const types = ['Dial', 'StasisStart', 'ChannelDtmfReceived', 'ChannelStateChange', 'ChannelUserevent'];
const events = fc
  .record(
    {
      // Mostly it goes on for the next one.
      type: fc.oneof({ weight: 9, arbitrary: orAnything(...types) }, fc.constant('ChannelDestroyed')),
      channel,
      peer: channel,
      dialstatus: orAnything('', 'RINGING', 'PROGRESS', 'ANSWER', 'BUSY'),
      cause: fc.oneof(orAnything(16, 17, 34), fc.double(), fc.integer()),
      cause_txt: orAnything('User busy', 'x'.repeat(100_000)),
      tech_cause: fc.oneof(orAnything(486, 503, '486'), fc.double(), fc.integer()),
      digit: orAnything('1', '#', '12', ''),
      eventname: orAnything('outdial-probe'),
    },
    { requiredKeys: [] },
  )
  .map((event) => JSON.stringify(event));
const broken = fc.tuple(events, fc.nat(500), fc.string()).map(([text, at, more]) => text.slice(0, at) + more);
const deep = fc.constantFrom('[', '{"a":').map((open) => open.repeat(20_000));
const frames = fc.oneof(fc.uint8Array({ maxLength: 2_000 }), fc.constantFrom(new Uint8Array(40_000)));
const input = fc.oneof(
  { weight: 12, arbitrary: fc.tuple(fc.constant('event' as const), fc.oneof(events, broken)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('event' as const), fc.oneof(deep, fc.json(), frames)) },
  { weight: 4, arbitrary: fc.tuple(fc.constant('sound' as const), fc.oneof(frames, fc.string(), events)) },
);

/** Resolves when Asterisk was asked to dial. */
async function dial(request: DialRequest): Promise<AsteriskCall> {
  server.asked.length = 0;
  const call = trunk.place(request);
  await eventually(() => server.asked.some(({ path }) => path === `/channels/${idOf(request)}/dial`));
  return call;
}

/** Sound gets through when it resolves. */
async function talk(request: DialRequest): Promise<AsteriskCall> {
  const call = await dial(request);
  server.answerCall(idOf(request));
  await call.play({ silenceMs: 20 });
  return call;
}

/** A call like any other. */
async function passes(): Promise<void> {
  const request = requestOf('normal');
  const call = await dial(request);
  server.ring(idOf(request));
  expect(await call.ringing).toBe(true);
  server.answerCall(idOf(request));
  expect(await call.answered).toBe(true);
  const heard = server.heardBytes;
  await call.play({ audio: new Int16Array(160).fill(1_000) });
  await eventually(() => server.heardBytes > heard);
  server.emit({ type: 'ChannelDtmfReceived', channel: { id: idOf(request) }, digit: '5' });
  expect(await call.gather()).toBe('5');
  await call.hangUp();
  expect(await call.ended).toEqual({ outcome: 'answered', cause: { q850: 16, text: 'Normal Clearing' } });
}

/** As a record may have it. */
function expectEnd({ outcome, cause = {} }: DialEnd): void {
  expect([...Object.values(Outcome), 'line-fault']).toContain(outcome);
  const { sip = 486, q850 = 17, text = '' } = cause;
  expect(Number.isInteger(sip) && sip >= 300 && sip < 700).toBe(true);
  expect(Number.isInteger(q850) && q850 > 0 && q850 < 128).toBe(true);
  expect(typeof text === 'string' && text.length <= 200).toBe(true);
}

test('whatever comes, the process lives, calls end with a cause that can be, and the next call passes', async () => {
  const property = fc.asyncProperty(fc.array(input, { minLength: atOnce, maxLength: atOnce }), async (messages) => {
    const calls = [await dial(requests.rings), await talk(requests.talks)];
    const pressed = calls.map((call) => call.gather({ maxDigits: 10_000, timeoutMs: 600_000 }));
    for (const [where, message] of messages) {
      const data = typeof message === 'string' ? message : Buffer.from(message);
      if (where === 'event') server.emit(data);
      else server.speak(data);
    }
    await passes();
    await Promise.all(calls.map((call) => call.hangUp()));
    for (const call of calls) expectEnd(await call.ended);
    for (const digits of await Promise.all(pressed)) expect(digits).toMatch(/^[0-9A-D*#]*$/);
    // An end that the input made up has left a channel.
    server.channels.clear();
    expect(failures).toEqual([]);
  });
  await fc.assert(property, { numRuns: Math.ceil(inputs / atOnce), seed, endOnFailure: true });
}, 3_600_000);

test('a message that is too long costs the connection, which is opened again: live calls go on', async () => {
  const call = await talk(requests.talks);
  server.emit(`"${'x'.repeat(2_000_000)}"`);
  await eventually(() => trunk.problem !== undefined);
  await eventually(() => trunk.problem === undefined);
  server.speak(Buffer.alloc(2_000_000));
  await passes();
  await call.hangUp();
  expect(await call.ended).toMatchObject({ outcome: 'answered' });
  expect(failures).toEqual([]);
});
