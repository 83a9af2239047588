/** The SIP trunk against a real Asterisk: digest, digits both ways, and what the callee hears. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type SipTrunk, sipTrunk } from 'outdial/worker';
import { readWav } from '../../../src/callee-type/wav';
import { ani, dialRequests } from '../../support/dial-request';
import { eventually } from '../../support/eventually';
import { calleeNumber, type Callees, startCallees } from '../support/asterisk';
import { describeWith } from '../support/peers';

jest.setTimeout(120_000);

const request = dialRequests(calleeNumber);

describeWith(['asterisk'], 'Asterisk', () => {
  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
    let network: Callees;
    let trunk: SipTrunk;

    beforeAll(async () => {
      network = await startCallees();
      const { sipPort, sipUser: username, sipPassword: password } = network;
      trunk = sipTrunk({ servers: [`sip:127.0.0.1:${sipPort};transport=${transport}`], username, password });
    });
    afterAll(async () => {
      await trunk?.close();
      await network?.stop();
    });

    const ledgerOf = async (number: string): Promise<string[][]> =>
      (await network.ledger()).filter((entry) => entry.number === number).map(({ event, detail }) => [event, detail]);

    test('postd and digits arrive, and so does the caller ID', async () => {
      const dial = request('reads', { postd: '12' });
      const call = trunk.place(dial);
      await call.sendDigits('34');
      await eventually(async () =>
        expect(await ledgerOf(dial.destination)).toEqual([
          ['invite', ani],
          ['ring', ''],
          ['answer', ''],
          ['digits', '1234'],
        ]),
      );
      await call.hangUp();
    });

    test('pressed digits are gathered', async () => {
      const call = trunk.place(request('presses'));
      expect(await call.gather({ maxDigits: 5, finishOn: '#', timeoutMs: 10_000 })).toBe('12');
      await call.hangUp();
    });

    test('a recorded machine is told from a recorded person, and its beep is heard', async () => {
      const machine = trunk.place(request('answeringmachine'));
      const person = trunk.place(request('voice'));
      expect(await machine.detectCalleeType(4_000)).toBe('answeringmachine');
      expect(await person.detectCalleeType(4_000)).toBe('voice');
      expect(await machine.detectBeep(20_000)).toBe(true);
      await Promise.all([machine.hangUp(), person.hangUp()]);
    });

    test('a callee who is handed on is heard, and their keys arrive', async () => {
      const dial = request('presses');
      const [hears, reads, busy] = (['heard', 'reads', 'busy'] as const).map((kind) => request(kind).destination);
      const call = trunk.place(dial);
      const digits = call.gather({ maxDigits: 3, timeoutMs: 20_000 });
      const toReads = call.transfer(reads!);
      // Who reads four digits gives up after ten seconds, and stays on.
      expect(await digits).toBe('12#');
      await eventually(async () => expect(await ledgerOf(reads!)).toContainEqual(['digits', '12']));
      await call.hangUp();
      const { talkMs, ...end } = await toReads;
      expect(end).toMatchObject({ outcome: 'answered', cause: { q850: 16 } });
      expect(talkMs).toBeGreaterThan(1_000);

      const person = trunk.place(request('voice'));
      expect(await person.transfer(busy!)).toMatchObject({ outcome: 'busy', cause: { q850: 17 }, talkMs: 0 });
      await person.hangUp();
      const speaks = trunk.place(request('voice-4s'));
      // The callee hangs up after 4 s: both legs end, and Asterisk has nothing left.
      expect(await speaks.transfer(hears!)).toMatchObject({ outcome: 'answered' });
      expect(await speaks.ended).toMatchObject({ outcome: 'answered' });
      await eventually(async () => expect((await ledgerOf(hears!)).map(([event]) => event)).toContain('end'));
      const heard = readWav(await readFile(join(network.heard, `${hears!}.wav`)));
      expect(heard.filter((sample) => Math.abs(sample) > 1_000).length).toBeGreaterThan(1_000);
    });

    test('the callee hears what is played', async () => {
      const dial = request('heard');
      const call = trunk.place(dial);
      expect(await call.answered).toBe(true);
      const tone = Int16Array.from({ length: 16_000 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * 500 * i) / 8_000));
      await call.play({ audio: tone });
      await call.hangUp();
      const heard = await eventually(async () => {
        const samples = readWav(await readFile(join(network.heard, `${dial.destination}.wav`)));
        expect(samples.length).toBeGreaterThan(15_000);
        return samples;
      });
      // Two seconds of the tone, less what passed before the recording began.
      const loud = heard.filter((sample) => Math.abs(sample) > 1_000).length;
      expect(loud / 16_000).toBeGreaterThan(0.8);
    });
  });
});
