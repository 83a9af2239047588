/** Live calls through a real Asterisk: sound, transfers, recordings, and what the loss of a connection does to them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AsteriskTrunk, asteriskTrunk, type DialRequest, recordingName } from 'outdial/worker';
import { dialRequests } from '../../support/dial-request';
import { eventually } from '../../support/eventually';
import { TcpProxy } from '../../support/tcp-proxy';
import {
  type Asterisk,
  calleeNumber,
  type Callees,
  startCallees,
  startSwitch,
  withoutWebSockets,
} from '../support/asterisk';
import { describeWith } from '../support/peers';
import { heardIn, tone } from '../support/tone';

jest.setTimeout(120_000);

const request = dialRequests(calleeNumber);

const ways = [
  { way: 'WebSockets', more: {}, channel: /^WebSocket\// },
  { way: 'RTP', more: withoutWebSockets, channel: /^UnicastRTP\// },
];

describeWith(['asterisk'], 'live calls', () =>
  describe.each(ways)('sound by $way', ({ way, more, channel }) => {
    let network: Callees;
    let pbx: Asterisk;
    let trunk: AsteriskTrunk;
    /** A trunk whose way to Asterisk can be cut. */
    let proxy: TcpProxy;
    let far: AsteriskTrunk;
    /** One that also waits less long. */
    let hasty: AsteriskTrunk;

    beforeAll(async () => {
      network = await startCallees();
      pbx = await startSwitch(network, more);
    });
    beforeEach(async () => {
      trunk = asteriskTrunk({ ...pbx, record: true });
      proxy = await TcpProxy.start(pbx.url);
      far = asteriskTrunk({ ...pbx, url: proxy.url });
      hasty = new AsteriskTrunk({ ...pbx, url: proxy.url }, { requestMs: 1_000, lookMs: 300, givenUpMs: 3_000 });
    });
    afterEach(async () => {
      await Promise.all([trunk, far, hasty].map((each) => each.close()));
      await proxy.stop();
      expect(await left()).toEqual([[], []]);
    });
    afterAll(async () => {
      await pbx?.stop();
      await network?.stop();
    });

    const ari = async (path: string): Promise<{ id: string; name: string }[]> => {
      const authorization = `Basic ${Buffer.from(`${pbx.user}:${pbx.password}`).toString('base64')}`;
      return (await (await fetch(`${pbx.url}/ari${path}`, { headers: { authorization } })).json()) as {
        id: string;
        name: string;
      }[];
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
    /** Channels that sound comes by. */
    const media = async () => (await ari('/channels')).filter(({ name }) => channel.test(name)).map(({ id }) => id);
    const eventsOf = async (number: string) =>
      (await network.ledger()).filter((entry) => entry.number === number).map(({ event }) => event);

    /** The callee heard the tone, and all of it. */
    const expectHeard = async ({ destination }: DialRequest): Promise<void> => {
      const { ms, hz } = await eventually(async () => {
        expect(await eventsOf(destination)).toContain('end');
        return heardIn(join(network.heard, `${destination}.wav`));
      });
      expect(ms).toBeGreaterThan(950);
      expect(hz).toBeGreaterThan(900);
      expect(hz).toBeLessThan(1_100);
    };
    /** Its sound gets through. */
    const attached = (call: ReturnType<AsteriskTrunk['place']>) => call.play({ silenceMs: 20 });

    test('what is played is heard, whole', async () => {
      const dial = request('heard');
      const call = trunk.place(dial);
      await call.play({ audio: tone });
      expect(await media()).toHaveLength(1);
      await call.play({ silenceMs: 200 });
      await call.hangUp();
      await expectHeard(dial);
    });

    test('who answers is told, a beep is heard, and digits go and come', async () => {
      const kinds = ['voice', 'answeringmachine', 'fax', 'silence'] as const;
      const answered = kinds.map((kind) => trunk.place(request(kind)));
      const beep = answered[1]!.detectBeep(20_000);
      const reads = request('reads', { postd: '12' });
      const digits = trunk.place(reads);
      await digits.sendDigits('34');
      const presses = trunk.place(request('presses'));
      expect(await presses.gather({ maxDigits: 5, finishOn: '#', timeoutMs: 10_000 })).toBe('12');
      expect(await Promise.all(answered.map((call) => call.detectCalleeType(4_000)))).toEqual([
        ...kinds.slice(0, 3),
        'unknown',
      ]);
      expect(await beep).toBe(true);
      const entry = await eventually(async () =>
        (await network.ledger()).find(({ number, event }) => number === reads.destination && event === 'digits'),
      );
      expect(entry!.detail).toBe('1234');
      await Promise.all([...answered, digits, presses].map((call) => call.hangUp()));
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

    test('answered calls are recorded, PCI calls never, nor are those whom they are transferred to', async () => {
      const folder = join(pbx.folder, 'spool/recording');
      const before = await readdir(folder);
      const dials = [request('voice'), request('voice', { isPci: true })];
      const [recorded, pci] = dials.map((dial) => trunk.place(dial));
      await Promise.all([recorded, pci].map((call) => call!.play({ audio: tone })));
      const other = calleeNumber('voice', 96);
      const transfer = pci!.transfer(other);
      await eventually(async () => (await eventsOf(other)).includes('answer'));
      await pci!.play({ audio: tone });
      await Promise.all([recorded!.hangUp(), pci!.hangUp()]);
      expect(await transfer).toMatchObject({ outcome: 'answered' });
      // All of it is over: no file can come any more.
      await left();
      const { callId, attempt } = dials[0]!;
      const name = `${recordingName(callId, attempt)}.wav`;
      expect((await readdir(folder)).filter((file) => !before.includes(file))).toEqual([name]);
      expect((await heardIn(join(folder, name))).ms).toBeGreaterThan(500);
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

    test('a connection that is lost comes back: what was missed is made good, and what is played is heard whole', async () => {
      const dials = [request('rings-long'), request('voice-4s'), request('heard'), request('no-answer')];
      const [rings, leaves, stays, canceled] = dials.map((dial) => far.place(dial));
      await Promise.all([rings!.ringing, leaves!.answered, attached(stays!), canceled!.ringing]);
      proxy.cut();
      await eventually(() => far.problem !== undefined);
      const played = stays!.play({ audio: tone }).then(() => stays!.play({ silenceMs: 200 }));
      const hungUp = canceled!.hangUp();
      await eventually(async () => (await eventsOf(dials[1]!.destination)).includes('end'));
      await eventually(async () => (await eventsOf(dials[0]!.destination)).includes('answer'));
      proxy.mend();
      expect(await rings!.answered).toBe(true);
      expect(await leaves!.ended).toMatchObject({ outcome: 'answered' });
      await hungUp;
      expect(await canceled!.ended).toMatchObject({ outcome: 'canceled' });
      await played;
      await Promise.all([rings!.hangUp(), stays!.hangUp()]);
      await expectHeard(dials[2]!);
    });

    test('a connection that dies without a word is opened again, and calls go on', async () => {
      const dial = request('heard');
      const call = hasty.place(dial);
      await attached(call);
      const before = await media();
      proxy.stall();
      await eventually(() => hasty.problem !== undefined);
      await eventually(() => hasty.problem === undefined);
      // Where sound came the same way it is attached anew, and what it came by is removed.
      await eventually(async () => {
        const now = await media();
        expect(now).toHaveLength(1);
        expect(now[0] === before[0]).toBe(way === 'RTP');
      });
      await call.play({ audio: tone });
      await call.play({ silenceMs: 200 });
      await call.hangUp();
      await expectHeard(dial);
    });

    test('calls are given up without Asterisk, and hung up when it comes back', async () => {
      const dials = [request('no-answer'), request('silence')];
      const [rings, talks] = dials.map((dial) => hasty.place(dial));
      await Promise.all([rings!.ringing, attached(talks!)]);
      proxy.cut();
      expect(await rings!.ended).toEqual({ outcome: 'unreachable', cause: { text: 'Asterisk was lost' } });
      expect(await talks!.ended).toEqual({ outcome: 'answered', cause: { text: 'Asterisk was lost' } });
      for (const { destination } of dials) expect(await eventsOf(destination)).not.toContain('end');
      proxy.mend();
      for (const { destination } of dials) await eventually(async () => (await eventsOf(destination)).includes('end'));
      await left();
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
  }),
);
