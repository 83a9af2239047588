/** Live calls through a real Asterisk: sound, transfers, recordings, and what the loss of a connection does to them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AsteriskTrunk, asteriskTrunk, recordingName } from 'outdial/worker';
import { readWav } from '../../../src/callee-type/wav';
import { dialRequests } from '../../support/dial-request';
import { eventually } from '../../support/eventually';
import { TcpProxy } from '../../support/tcp-proxy';
import { type Asterisk, calleeNumber, type Callees, startCallees, startSwitch } from '../support/asterisk';
import { describeWith } from '../support/peers';
import '../support/retry';

jest.setTimeout(120_000);

const request = dialRequests(calleeNumber);

const tone = Int16Array.from({ length: 8_000 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * 1_000 * i) / 8_000));

/** Milliseconds of sound, from the first to the last loud sample, and how often it crosses zero upwards meanwhile. */
async function heardIn(file: string): Promise<{ ms: number; hz: number }> {
  const samples = readWav(await readFile(file));
  const first = samples.findIndex((sample) => Math.abs(sample) > 1_000);
  const last = samples.findLastIndex((sample) => Math.abs(sample) > 1_000);
  const loud = samples.subarray(first, last + 1);
  const rises = loud.reduce((count, sample, i) => count + (i > 0 && loud[i - 1]! < 0 && sample >= 0 ? 1 : 0), 0);
  const ms = loud.length / 8;
  return { ms, hz: (rises * 1_000) / ms };
}

describeWith(['asterisk'], 'live calls', () => {
  let network: Callees;
  let pbx: Asterisk;
  let trunk: AsteriskTrunk;
  /** A trunk whose way to Asterisk can be cut. */
  let proxy: TcpProxy;
  let far: AsteriskTrunk;

  beforeAll(async () => {
    network = await startCallees();
    pbx = await startSwitch(network);
  });
  beforeEach(async () => {
    trunk = asteriskTrunk({ ...pbx, record: true });
    proxy = await TcpProxy.start(pbx.url);
    far = asteriskTrunk({ ...pbx, url: proxy.url });
  });
  afterEach(async () => {
    await Promise.all([trunk.close(), far.close()]);
    await proxy.stop();
    expect(await left()).toEqual([[], []]);
  });
  afterAll(async () => {
    await pbx?.stop();
    await network?.stop();
  });

  const ari = async (path: string): Promise<{ id: string }[]> => {
    const authorization = `Basic ${Buffer.from(`${pbx.user}:${pbx.password}`).toString('base64')}`;
    return (await (await fetch(`${pbx.url}/ari${path}`, { headers: { authorization } })).json()) as { id: string }[];
  };
  /** Channels and bridges that Asterisk still has. */
  const left = () =>
    eventually(async () => {
      const found = await Promise.all(
        ['/channels', '/bridges'].map(async (path) => (await ari(path)).map(({ id }) => id)),
      );
      expect(found).toEqual([[], []]);
      return found;
    }, 5_000);
  const eventsOf = async (number: string) =>
    (await network.ledger()).filter((entry) => entry.number === number).map(({ event }) => event);

  test('what is played is heard, whole', async () => {
    const dial = request('heard');
    const call = trunk.place(dial);
    await call.play({ audio: tone });
    await call.play({ silenceMs: 200 });
    await call.hangUp();
    const { ms, hz } = await eventually(async () => {
      expect(await eventsOf(dial.destination)).toContain('end');
      return heardIn(join(network.heard, `${dial.destination}.wav`));
    });
    expect(ms).toBeGreaterThan(950);
    expect(hz).toBeGreaterThan(900);
    expect(hz).toBeLessThan(1_100);
  });

  test('a transfer: both talk until the other party hangs up, and the callee stays', async () => {
    const callee = trunk.place(request('silence'));
    expect(await callee.answered).toBe(true);
    const other = calleeNumber('voice-4s', 90);
    const end = await callee.transfer(other);
    expect(end).toMatchObject({ outcome: 'answered', cause: { q850: 16 } });
    expect(end.talkMs).toBeGreaterThan(2_000);
    expect(await callee.transfer(calleeNumber('busy', 91))).toMatchObject({ outcome: 'busy', talkMs: 0 });
    expect(await callee.transfer(calleeNumber('no-answer', 92), { ringTimeoutMs: 1_000 })).toMatchObject({
      outcome: 'no-answer',
      talkMs: 0,
    });
    expect(await eventsOf(other)).toEqual(['invite', 'ring', 'answer', 'end']);
    await callee.hangUp();
  });

  test('a transfer ends with the call, ringing or talking, and leaves nobody in line', async () => {
    const ringing = trunk.place(request('silence'));
    expect(await ringing.answered).toBe(true);
    const [unanswered] = await Promise.all([
      ringing.transfer(calleeNumber('no-answer', 93)),
      eventually(async () => (await eventsOf(calleeNumber('no-answer', 93))).includes('ring')).then(() =>
        ringing.hangUp(),
      ),
    ]);
    expect(unanswered).toMatchObject({ outcome: 'canceled', talkMs: 0 });
    const talking = trunk.place(request('silence'));
    expect(await talking.answered).toBe(true);
    const [answered] = await Promise.all([
      talking.transfer(calleeNumber('voice', 94)),
      eventually(async () => (await eventsOf(calleeNumber('voice', 94))).includes('answer')).then(() =>
        talking.hangUp(),
      ),
    ]);
    expect(answered).toMatchObject({ outcome: 'answered' });
    expect(await talking.transfer(calleeNumber('voice', 95))).toEqual({ outcome: 'canceled', talkMs: 0 });
    await eventually(async () => (await eventsOf(calleeNumber('no-answer', 93))).includes('end'));
    await eventually(async () => (await eventsOf(calleeNumber('voice', 94))).includes('end'));
  });

  test('answered calls are recorded, PCI calls never', async () => {
    const dials = [request('voice'), request('voice', { isPci: true })];
    const live = dials.map((dial) => trunk.place(dial));
    await Promise.all(live.map((call) => call.play({ audio: tone })));
    await Promise.all(live.map((call) => call.hangUp()));
    const [recorded, pci] = dials.map(({ callId, attempt }) => `${recordingName(callId, attempt)}.wav`);
    const folder = join(pbx.folder, 'spool/recording');
    await eventually(async () => (await readdir(folder)).includes(recorded!));
    expect((await heardIn(join(folder, recorded!))).ms).toBeGreaterThan(500);
    expect(await readdir(folder)).not.toContain(pci);
  });

  test('a worker that is lost: the next one takes up the call, ringing or answered, and nobody is rung twice', async () => {
    const dials = [request('rings-long'), request('presses'), request('busy')];
    const [ringing, answered, busy] = dials.map((dial) => far.place(dial));
    await Promise.all([ringing!.ringing, answered!.answered, busy!.ended]);
    proxy.cut();
    const [late, live, gone] = await Promise.all(dials.map((dial) => trunk.find(dial)));
    expect(gone).toBeUndefined();
    expect(await live!.answered).toBe(true);
    expect(await live!.gather({ maxDigits: 2, timeoutMs: 10_000 })).toBe('12');
    expect(await late!.answered).toBe(true);
    expect(await late!.detectCalleeType(4_000)).toBe('voice');
    await Promise.all([late!.hangUp(), live!.hangUp()]);
    expect(await late!.ended).toMatchObject({ outcome: 'answered' });
    for (const { destination } of dials)
      expect((await eventsOf(destination)).filter((event) => event === 'invite')).toHaveLength(1);
  });

  test('the ring timeout of a call that was taken up counts from its dial', async () => {
    const dial = request('no-answer', { ringTimeoutMs: 3_000 });
    expect(await far.place(dial).ringing).toBe(true);
    proxy.cut();
    const call = await trunk.find(dial);
    expect(await call!.ended).toMatchObject({ outcome: 'no-answer' });
  });

  test('a connection that is lost comes back: what was missed is made good, and sound goes on', async () => {
    const dials = [request('rings-long'), request('voice-4s'), request('heard'), request('no-answer')];
    const [rings, leaves, stays, canceled] = dials.map((dial) => far.place(dial));
    await Promise.all([rings!.ringing, leaves!.answered, stays!.answered, canceled!.ringing]);
    proxy.cut();
    await eventually(() => far.problem !== undefined);
    const hungUp = canceled!.hangUp();
    await eventually(async () => (await eventsOf(dials[1]!.destination)).includes('end'));
    await eventually(async () => (await eventsOf(dials[0]!.destination)).includes('answer'));
    proxy.mend();
    expect(await rings!.answered).toBe(true);
    expect(await leaves!.ended).toMatchObject({ outcome: 'answered' });
    await hungUp;
    expect(await canceled!.ended).toMatchObject({ outcome: 'canceled' });
    await stays!.play({ audio: tone });
    await stays!.play({ silenceMs: 200 });
    await Promise.all([rings!.hangUp(), stays!.hangUp()]);
    const { destination } = dials[2]!;
    await eventually(async () => {
      expect(await eventsOf(destination)).toContain('end');
      expect((await heardIn(join(network.heard, `${destination}.wav`))).ms).toBeGreaterThan(950);
    });
  });

  test('an Asterisk that dies ends its calls; dials are line faults until it is back', async () => {
    const call = trunk.place(request('silence'));
    expect(await call.answered).toBe(true);
    await pbx.kill();
    await eventually(() => trunk.problem !== undefined);
    const refused = trunk.place(request('voice'));
    expect(await refused.ended).toMatchObject({ outcome: 'line-fault' });
    await expect(trunk.find(request('voice'))).rejects.toThrow("can't be looked for");
    await pbx.start();
    await eventually(() => trunk.problem === undefined);
    expect(await call.ended).toMatchObject({ outcome: 'answered' });
    const next = trunk.place(request('voice'));
    expect(await next.answered).toBe(true);
    await next.hangUp();
  });
});
