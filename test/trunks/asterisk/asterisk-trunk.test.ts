/** What the Asterisk trunk does where Asterisk, or the way to it, fails. The real one is in test/interop. */
import { createSocket } from 'node:dgram';
import events from 'node:events';
import {
  AsteriskTrunk,
  asteriskTrunk,
  type AsteriskTrunkOptions,
  type DialRequest,
  recordingName,
} from 'outdial/worker';
import { eventually } from '../../support/eventually';
import { AriServer, type Asked } from './ari-server';

let server: AriServer;
let trunk: AsteriskTrunk;
beforeEach(async () => {
  server = await AriServer.start();
  trunk = asteriskTrunk(server);
  await eventually(() => trunk.problem === undefined);
});
afterEach(async () => {
  await trunk.close();
  await server.stop();
});

let calls = 0;
const request = (more: Partial<DialRequest> = {}): DialRequest => ({
  callId: `call-${++calls}`,
  attempt: 1,
  destination: '+16175550142',
  ani: '+16175550100',
  ringTimeoutMs: 20_000,
  ...more,
});
const idOf = ({ callId, attempt }: DialRequest): string => recordingName(callId, attempt);
async function freeEvenPort(): Promise<number> {
  for (;;) {
    const socket = createSocket('udp4').bind(0);
    await events.once(socket, 'listening');
    const { port } = socket.address();
    socket.close();
    if (port % 2 === 0) return port;
  }
}
/** Once, for the first request that fits. */
const once = (fits: (asked: Asked) => boolean, what: ReturnType<AriServer['fault']>): AriServer['fault'] => {
  let isDone = false;
  return (asked) => {
    if (isDone || !fits(asked)) return undefined;
    isDone = true;
    return what;
  };
};
const isCreate = ({ path }: Asked): boolean => path === '/channels/create';
const isDial = ({ path }: Asked): boolean => path.endsWith('/dial');

test('a channel id is the same at every try, and tells neither the call nor the number', () => {
  expect(recordingName('+16175550142', 1)).toBe(recordingName('+16175550142', 1));
  const ids = [recordingName('a', 1), recordingName('a', 2), recordingName('b', 1), recordingName('a', 1, 'other')];
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^(outdial|other)-[0-9a-f]{32}$/);
  expect(recordingName('+16175550142', 1)).not.toContain('617');
});

test('a dial is created, then dialed, with caller ID and endpoint, and hung up', async () => {
  const dial = request();
  const call = trunk.place(dial);
  await eventually(() => server.asked.some(isDial));
  expect(server.asked.find(isCreate)!.query).toMatchObject({
    endpoint: 'PJSIP/+16175550142@carrier',
    channelId: idOf(dial),
  });
  expect(server.asked.find(isDial)!.query).toEqual({ timeout: '22' });
  server.ring(idOf(dial));
  expect(await call.ringing).toBe(true);
  server.answerCall(idOf(dial));
  expect(await call.answered).toBe(true);
  await call.hangUp();
  expect(await call.ended).toEqual({ outcome: 'answered', cause: { q850: 16, text: 'Normal Clearing' } });
  expect(server.dialing).toEqual(['POST /channels/create', 'POST /channels/ID/dial', 'DELETE /channels/ID']);
  await eventually(() => server.bridges.size === 0);
});

test.each([
  ['refused with 500', { status: 500 }],
  ['refused with 503', { status: 503 }],
  ['lost on its way', 'lose-request'],
  ['answered, and the answer lost', 'lose-answer'],
] as const)('a channel whose creation is %s: a line fault, nobody is dialed, nothing is left', async (_what, fault) => {
  server.fault = once(isCreate, fault);
  const dial = request();
  expect(await trunk.place(dial).ended).toMatchObject({ outcome: 'line-fault' });
  await eventually(() => server.channels.size === 0);
  expect(server.asked.some(isDial)).toBe(false);
  // The next try has the same id.
  const call = trunk.place(dial);
  await eventually(() => server.asked.some(isDial));
  await call.hangUp();
});

test('a dial whose answer is lost goes on: it is not asked for again', async () => {
  server.fault = once(isDial, 'lose-answer');
  const dial = request();
  const call = trunk.place(dial);
  await eventually(() => server.asked.some(isDial));
  server.ring(idOf(dial));
  server.answerCall(idOf(dial));
  expect(await call.answered).toBe(true);
  await call.hangUp();
  expect(server.asked.filter(isDial)).toHaveLength(1);
});

test.each([
  ['lost on its way', 'lose-request'],
  ['refused', { status: 500 }],
] as const)(
  'a dial that is %s: a line fault once the channel is gone without having been dialed',
  async (_what, fault) => {
    server.fault = once(isDial, fault);
    expect(await trunk.place(request()).ended).toMatchObject({ outcome: 'line-fault' });
    expect(server.channels.size).toBe(0);
    expect(server.asked.filter(isDial)).toHaveLength(1);
  },
);

test('a dial that was lost together with the events may have rung: it is an attempt', async () => {
  server.fault = (asked) => {
    if (!isDial(asked)) return undefined;
    server.fault = () => undefined;
    server.channels.clear();
    server.cut();
    return 'lose-answer';
  };
  expect(await trunk.place(request()).ended).toMatchObject({ outcome: 'unreachable' });
});

test('a dial that ends before what was missed is made good is an attempt', async () => {
  const dial = request();
  server.fault = (asked) => {
    if (isDial(asked)) server.cutEvents();
    if (asked.path.endsWith('/subscription')) server.destroy(idOf(dial), { cause: 17, cause_txt: 'User busy' });
    return undefined;
  };
  expect(await trunk.place(dial).ended).toEqual({ outcome: 'busy', cause: { q850: 17, text: 'User busy' } });
});

test('a callee who answers while the process stands still is not taken for one who does not', async () => {
  const dial = request({ ringTimeoutMs: 500 });
  const call = trunk.place(dial);
  await eventually(() => server.asked.some(isDial));
  server.channels.get(idOf(dial))!.state = 'Up';
  expect(await call.answered).toBe(true);
  await call.hangUp();
});

test('what a line fault leaves is removed, but not the channel of another process that dials for the attempt', async () => {
  const other = asteriskTrunk(server);
  await eventually(() => other.problem === undefined);
  const dial = request();
  // Neither the request nor the removal gets through.
  server.fault = ({ path, method }) =>
    path === '/channels/create' || method === 'DELETE' ? 'lose-request' : undefined;
  expect(await trunk.place(dial).ended).toMatchObject({ outcome: 'line-fault' });
  server.fault = () => undefined;
  const call = other.place(dial);
  await eventually(() => server.asked.some(isDial));
  server.cutEvents();
  await eventually(() => trunk.problem !== undefined);
  await eventually(() => trunk.problem === undefined && other.problem === undefined);
  server.answerCall(idOf(dial));
  expect(await call.answered).toBe(true);
  await other.close();
});

test('events that were missed are made good: a ringing, an answer, an end', async () => {
  const dials = [request(), request(), request(), request()];
  const [rings, answers, ends, leaves] = dials.map((dial) => trunk.place(dial));
  await eventually(() => server.asked.filter(isDial).length === 4);
  server.answerCall(idOf(dials[3]!));
  expect(await leaves!.answered).toBe(true);
  server.cut();
  server.channels.get(idOf(dials[0]!))!.state = 'Ringing';
  server.channels.get(idOf(dials[1]!))!.state = 'Up';
  for (const dial of dials.slice(2)) server.destroy(idOf(dial), {}, true);
  expect(await rings!.ringing).toBe(true);
  expect(await answers!.answered).toBe(true);
  expect(await ends!.ended).toMatchObject({ outcome: 'unreachable' });
  expect(await leaves!.ended).toMatchObject({ outcome: 'answered' });
  const subscribed = server.asked
    .filter(({ path }) => path.endsWith('/subscription'))
    .map(({ query }) => query['eventSource']);
  expect(subscribed).toEqual(expect.arrayContaining(dials.slice(0, 2).map((dial) => `channel:${idOf(dial)}`)));
});

test('a hang-up that is lost is asked for again', async () => {
  const dial = request();
  const call = trunk.place(dial);
  await eventually(() => server.asked.some(isDial));
  server.fault = once(({ method }) => method === 'DELETE', 'lose-request');
  await call.hangUp();
  expect(await call.ended).toMatchObject({ outcome: 'canceled' });
  expect(server.channels.size).toBe(0);
});

test('while the connection is down every dial is a line fault, and find says that it does not know', async () => {
  const heard: (string | undefined)[] = [];
  const stop = trunk.watchProblem(() => heard.push(trunk.problem));
  server.fault = () => ({ status: 503 });
  server.cut();
  await eventually(() => trunk.problem !== undefined);
  expect(await trunk.place(request()).ended).toMatchObject({ outcome: 'line-fault' });
  await expect(trunk.find(request())).rejects.toThrow("can't be looked for");
  server.fault = () => undefined;
  await eventually(() => trunk.problem === undefined);
  expect(await trunk.find(request())).toBeUndefined();
  expect(heard[0]).toBe('The connection to Asterisk was lost');
  expect(heard.at(-1)).toBeUndefined();
  stop();
  const before = heard.length;
  server.cut();
  await eventually(() => trunk.problem !== undefined);
  expect(heard).toHaveLength(before);
});

test('find takes a call up; postd digits that may be out already are not sent again', async () => {
  const [up, ringing, over] = [request({ postd: '1' }), request({ postd: '2' }), request()];
  for (const dial of [up, ringing, over]) trunk.place(dial);
  await eventually(() => server.asked.filter(isDial).length === 3);
  server.answerCall(idOf(up));
  server.ring(idOf(ringing));
  server.destroy(idOf(over));
  const digits = () => server.asked.filter(({ path }) => path.endsWith('/dtmf')).map(({ query }) => query['dtmf']);
  await eventually(() => digits().join() === '1');
  const heir = asteriskTrunk(server);
  // Without its events, its end would not be seen.
  server.fault = once(({ path }) => path.endsWith('/subscription'), { status: 500 });
  await expect(heir.find(up)).rejects.toThrow("can't be looked for: Asterisk answers 500");
  const found = await heir.find(up);
  expect(await found!.answered).toBe(true);
  await found!.sendDigits('3');
  expect(digits()).toEqual(['1', '3']);
  expect(await (await heir.find(ringing))!.ringing).toBe(true);
  expect(await heir.find(over)).toBeUndefined();
  await heir.close();
});

test('a channel of the same id that rings is taken up, and one that does not is removed', async () => {
  const [rings, idle] = [request(), request()];
  for (const dial of [rings, idle]) trunk.place(dial);
  await eventually(() => server.asked.filter(isDial).length === 2);
  server.ring(idOf(rings));
  const other = asteriskTrunk(server);
  const call = other.place(rings);
  expect(await call.ringing).toBe(true);
  expect(await other.place(idle).ended).toMatchObject({ outcome: 'line-fault' });
  expect(server.asked.filter(isDial)).toHaveLength(2);
  await other.close();
});

test('sound that can not be had ends the call', async () => {
  server.fault = ({ path }) => (path === '/channels/externalMedia' ? { status: 500 } : undefined);
  const dial = request();
  const call = trunk.place(dial);
  await eventually(() => server.asked.some(isDial));
  server.answerCall(idOf(dial));
  expect(await call.ended).toMatchObject({
    outcome: 'answered',
    cause: { text: 'Sound could not be had from Asterisk' },
  });
});

describe('without chan_websocket', () => {
  let rtp: AsteriskTrunk;
  const start = async (options: Partial<AsteriskTrunkOptions>): Promise<void> => {
    server.modules = ['chan_rtp.so'];
    rtp = new AsteriskTrunk({ ...server, ...options }, { requestMs: 500, lookMs: 100 });
    await eventually(() => rtp.problem === undefined);
  };
  const answer = async () => {
    const dial = request();
    const call = rtp.place(dial);
    await eventually(() => server.asked.some(({ path }) => path === `/channels/${idOf(dial)}/dial`));
    server.answerCall(idOf(dial));
    return call;
  };
  const made = () =>
    server.asked.filter(({ path }) => path === '/channels/externalMedia').map(({ query }) => query['external_host']!);
  afterEach(() => rtp.close());

  test('sound is asked for in RTP, at the address of the interface or the one that is named', async () => {
    await start({});
    await (await answer()).play({ silenceMs: 20 });
    expect(made()[0]).toMatch(/^127\.0\.0\.1:\d+$/);
    await rtp.close();
    await start({ host: '192.0.2.7' });
    await (await answer()).play({ silenceMs: 20 });
    expect(made()[1]).toMatch(/^192\.0\.2\.7:\d+$/);
  });

  test('a port is for one call; one that finds none is ended', async () => {
    const port = await freeEvenPort();
    await start({ rtpPorts: { from: port, to: port } });
    const first = await answer();
    await first.play({ silenceMs: 20 });
    expect(made()).toEqual([`127.0.0.1:${port}`]);
    const second = await answer();
    expect((await second.ended).cause!.text).toBe('Sound could not be had from Asterisk');
    await first.hangUp();
    await (await answer()).play({ silenceMs: 20 });
  });

  test('a channel is kept while the call lives, and made anew where Asterisk has lost it', async () => {
    await start({});
    const call = await answer();
    await call.play({ silenceMs: 20 });
    const kept = () => server.asked.filter(({ path }) => path.endsWith('/variable'));
    await eventually(() => kept().length > 1);
    expect(kept()[0]!.query).toEqual({ variable: 'TIMEOUT(absolute)', value: '90' });
    server.fault = once(({ path }) => path.endsWith('/variable'), { status: 404 });
    await eventually(() => made().length === 2);
    await call.play({ silenceMs: 20 });
    await call.hangUp();
  });
});

test('whatever comes over the WebSockets, calls go on', async () => {
  const dial = request();
  const call = trunk.place(dial);
  await eventually(() => server.asked.some(isDial));
  const odd = ['', 'x', '{', '[]', 'null', '7', '{"type":3}', '{"type":"Dial"}', '{"type":"ChannelStateChange"}'];
  for (const text of odd) server.emit(text);
  const channel = { id: idOf(dial) };
  for (const event of [
    { type: 'ChannelDtmfReceived', channel },
    { type: 'ChannelDtmfReceived', channel, digit: { a: 1 } },
    { type: 'ChannelStateChange', channel: { ...channel, state: null } },
    { type: 'Dial', peer: null, channel },
  ])
    server.emit(event);
  server.answerCall(idOf(dial));
  expect(await call.answered).toBe(true);
  for (const sound of ['MEDIA_START x', '{', Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(321), Buffer.alloc(70_000)])
    server.speak(sound);
  await call.play({ audio: new Int16Array(1_600).fill(1_000) });
  await eventually(() => server.heardBytes >= 3_200);
  await call.hangUp();
});

test('an Asterisk that is not fit says why', async () => {
  const { url, user, password } = server;
  const wrong = asteriskTrunk({ url, user, password: 'wrong' });
  expect(await wrong.place(request()).ended).toEqual({
    outcome: 'line-fault',
    cause: { text: 'Asterisk refuses the ARI user or its password (401)' },
  });
  await wrong.close();
  server.modules = [];
  const mute = asteriskTrunk(server);
  expect((await mute.place(request()).ended).cause!.text).toBe(
    'Asterisk lacks the modules chan_websocket and chan_rtp: sound needs one of them',
  );
  await mute.close();
  server.modules = ['chan_rtp.so'];
  server.fault = ({ path }) => (path.startsWith('/endpoints/') ? { status: 404 } : undefined);
  const unnamed = asteriskTrunk(server);
  expect((await unnamed.place(request()).ended).cause!.text).toBe('Asterisk has no endpoint PJSIP/carrier');
  // ARI lists no endpoints of the dialplan.
  const local = asteriskTrunk({ url, user, password, endpoint: 'Local/{destination}@out' });
  await eventually(() => local.problem === undefined);
  await local.close();
  await unnamed.close();
  expect(await unnamed.place(request()).ended).toMatchObject({ outcome: 'line-fault' });
});

test('a trunk that is closed hangs up its calls', async () => {
  const dial = request();
  const call = trunk.place(dial);
  await eventually(() => server.asked.some(isDial));
  await trunk.close();
  expect(await call.ended).toMatchObject({ outcome: 'canceled' });
  expect(server.channels.size).toBe(0);
});

test.each([
  ['url', { url: 'asterisk:8088' }],
  ['url', { url: 'http://a:b@asterisk:8088' }],
  ['user', { user: '' }],
  ['user', { user: 'a:b' }],
  ['password', { password: '' }],
  ['endpoint', { endpoint: 'PJSIP/carrier' }],
  ['endpoint', { endpoint: 'PJSIP/{destination}@a&PJSIP/{destination}@b' }],
  ['app', { app: 'a,b' }],
  ['host', { host: 'localhost' }],
  ['rtpPorts', { rtpPorts: { from: 20_001, to: 20_100 } }],
] as [string, Partial<AsteriskTrunkOptions>][])('a wrong %s is named', (field, options) => {
  const good = { url: 'http://127.0.0.1:8088', user: 'outdial', password: 'secret' };
  expect(() => new AsteriskTrunk({ ...good, ...options })).toThrow(new RegExp(`^${field} must`));
});
