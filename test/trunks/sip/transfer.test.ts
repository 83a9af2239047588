/** Calls that are handed on: a second leg, its sound and digits both ways, and how either of them ends. */
import type { IncomingInviteRequest, Session } from 'sip.js/lib/core';
import { CallMedia } from '../../../src/trunks/media';
import type { Codec } from '../../../src/trunks/rtp/remote-media';
import { RtpSession } from '../../../src/trunks/rtp/rtp-session';
import { type CalleeKind, simulatedNumber } from '../../../src/trunks/simulated';
import { answerOf, readSdp } from '../../../src/trunks/sip/sdp';
import { eventually } from '../../support/eventually';
import { closeLater, closeNetworks, type Network, requestTo, startNetwork } from './network';

afterEach(closeNetworks);

const callee = simulatedNumber('never-hangs-up');
const clearing = { q850: 16, text: 'Normal call clearing' };

const eventsOf = ({ ledger }: Network): string[] =>
  ledger().map(({ event, outcome }) => (outcome === undefined ? event : `${event} ${outcome}`));

/** A party with a codec of its own, who sends a tone of so many hertz from the answer on. */
class Party {
  heard: Int16Array[] = [];
  digits = '';
  session!: Session;
  private rtp!: RtpSession;
  private readonly media = new CallMedia({
    sendFrame: (frame) => this.rtp.sendFrame(frame),
    sendDigit: (digit) => this.rtp.sendDigit(digit),
  });

  constructor(
    private readonly codec: Codec,
    hz: number,
  ) {
    const tone = Int16Array.from({ length: 240_000 }, (_, i) => 8_000 * Math.sin((2 * Math.PI * hz * i) / 8_000));
    void this.media.play({ audio: tone });
  }

  async answer(invite: IncomingInviteRequest): Promise<void> {
    this.rtp = await RtpSession.open(undefined, {
      onAudio: (samples) => this.heard.push(samples),
      onDigit: (digit) => (this.digits += digit),
    });
    closeLater(() => this.close());
    const remote = readSdp(invite.message.body, [this.codec]);
    this.rtp.setRemote(remote);
    const content = answerOf({ host: '127.0.0.1', port: this.rtp.port, codecs: [this.codec] }, remote);
    const body = { contentDisposition: 'session', contentType: 'application/sdp', content };
    this.session = invite.accept({ statusCode: 200, body }).session;
    this.session.delegate = {
      onBye: (bye) => {
        bye.accept();
        this.close();
      },
    };
    this.media.answer();
  }

  /** Beside the tone. */
  press(digits: string): void {
    for (const digit of digits) void this.rtp.sendDigit(digit);
  }

  /** Whether a tone of so many hertz is so much of the power that is heard now, over the last 200 ms. */
  hears(hz: number, share = 0.9): boolean {
    const samples = this.heard.slice(-10).flatMap((frame) => [...frame]);
    const powerOf = (frequency: number): number => {
      const [sin, cos] = samples.reduce(
        ([re, im], sample, i) => {
          const angle = (2 * Math.PI * frequency * i) / 8_000;
          return [re + sample * Math.cos(angle), im + sample * Math.sin(angle)] as const;
        },
        [0, 0] as readonly [number, number],
      );
      return (sin * sin + cos * cos) / (samples.length * samples.length);
    };
    const all = samples.reduce((sum, sample) => sum + sample * sample, 0) / Math.max(1, samples.length);
    // Half of a tone's power is at its negative frequency.
    return all > 1_000_000 && powerOf(hz) > (share / 2) * all;
  }

  private close(): void {
    this.media.end();
    this.rtp.close();
  }
}

test.each<[Codec, Codec]>([
  ['PCMU', 'PCMA'],
  ['PCMA', 'PCMU'],
])('sound and digits go both ways, from %s to %s and back', async (calleeCodec, otherCodec) => {
  const [here, there] = [new Party(calleeCodec, 500), new Party(otherCodec, 900)];
  const network = await startNetwork({
    answers: (invite) => {
      void (invite.message.ruri!.user === callee ? here : there).answer(invite);
      return true;
    },
  });
  const call = network.trunk.place(requestTo(callee));
  const transfer = call.transfer(simulatedNumber('voice'));
  await eventually(() => here.hears(900) && there.hears(500));
  here.press('12#');
  there.press('9*');
  await eventually(() => here.digits === '9*' && there.digits === '12#');
  // What is pressed is gathered all the same, and prompts are heard beside the other party.
  expect(await call.gather({ maxDigits: 3 })).toBe('12#');
  const tone = Int16Array.from({ length: 240_000 }, (_, i) => 16_000 * Math.sin((2 * Math.PI * 1_300 * i) / 8_000));
  void call.play({ audio: tone });
  // Twice as loud: 0.8 and 0.2 of the power.
  await eventually(() => here.hears(1_300, 0.7) && here.hears(900, 0.15) && there.hears(500));
  there.session.bye();
  const { talkMs, ...end } = await transfer;
  expect(end).toEqual({ outcome: 'answered', cause: clearing });
  expect(talkMs).toBeGreaterThan(200);
  await call.hangUp();
  expect(await call.ended).toEqual({ outcome: 'answered', cause: clearing });
});

test('the other party hangs up: the callee stays, can be handed on again, and the ledger has every leg', async () => {
  const network = await startNetwork();
  const call = network.trunk.place(requestTo(callee));
  const ended = jest.fn();
  void call.ended.then(ended);
  for (const n of [0, 1]) {
    const { talkMs, ...end } = await call.transfer(simulatedNumber('hangs-up', n));
    expect(end).toEqual({ outcome: 'answered', cause: clearing });
    expect(talkMs).toBeGreaterThan(900);
  }
  expect(ended).not.toHaveBeenCalled();
  // Somebody is there still, and is heard.
  expect(await call.detectCalleeType(4_000)).toBe('voice');
  await call.hangUp();
  const leg = ['transfer', 'transfer-end answered'];
  expect(eventsOf(network)).toEqual(['dial', 'ringing', 'answer', ...leg, ...leg, 'end answered']);
});

test.each<[CalleeKind, object]>([
  ['busy', { outcome: 'busy', cause: { sip: 486, q850: 17, text: 'User busy' } }],
  ['no-answer', { outcome: 'no-answer', cause: { sip: 487, text: 'Request Terminated' } }],
  ['declined', { outcome: 'declined', cause: { sip: 603, q850: 21, text: 'Call rejected' } }],
  ['line-fault', { outcome: 'line-fault', cause: { sip: 503, text: 'Service Unavailable' } }],
])('to %s: the callee stays', async (kind, end) => {
  const { trunk } = await startNetwork();
  const call = trunk.place(requestTo(callee));
  expect(await call.transfer(simulatedNumber(kind), { ringTimeoutMs: 500 })).toEqual({ ...end, talkMs: 0 });
  expect(await call.detectCalleeType(4_000)).toBe('voice');
  await call.hangUp();
});

describe.each<['rings' | 'talks', CalleeKind, string]>([
  ['rings', 'no-answer', 'canceled'],
  ['talks', 'never-hangs-up', 'answered'],
])('while the other party %s', (state, kind, outcome) => {
  const other = simulatedNumber(kind, 1);
  /** A call whose transfer has come so far. */
  async function handOn() {
    const network = await startNetwork();
    const call = network.trunk.place(requestTo(callee));
    expect(await call.answered).toBe(true);
    const transfer = call.transfer(other);
    await eventually(() => eventsOf(network).includes('transfer'));
    const telephones = [...network.callee.telephones.values()];
    // A talking one hears the callee's greeting, and presses keys.
    if (state === 'talks') await eventually(() => telephones[0]!.heardDigits.endsWith('#'));
    return { network, call, transfer, telephones };
  }

  test.each<[string, (handed: Awaited<ReturnType<typeof handOn>>) => unknown]>([
    ['the callee hangs up', ({ telephones }) => telephones[0]!.hangUp()],
    ['the call is hung up', ({ call }) => call.hangUp()],
    ['the trunk is closed', ({ network }) => network.trunk.close()],
  ])('%s: both legs end, and each has its own outcome', async (_what, end) => {
    const handed = await handOn();
    await end(handed);
    const { call, transfer, network } = handed;
    expect(await call.ended).toEqual({ outcome: 'answered', cause: clearing });
    // Nothing is left on the network when the call has ended.
    expect(eventsOf(network).filter((event) => /end/.test(event))).toHaveLength(2);
    const { talkMs, ...other } = await transfer;
    expect([other.outcome, talkMs > 0]).toEqual([outcome, outcome === 'answered']);
    // The ledger says of a phone that rings without end that nobody answered.
    expect(eventsOf(network)).toContain(`transfer-end ${outcome === 'answered' ? 'answered' : 'no-answer'}`);
    expect(await call.transfer(other.outcome)).toEqual({ outcome: 'canceled', talkMs: 0 });
  });
});

test('of a dial that nobody answers: nobody else is called', async () => {
  const network = await startNetwork();
  const call = network.trunk.place(requestTo(simulatedNumber('busy')));
  expect(await call.transfer(simulatedNumber('voice'))).toEqual({ outcome: 'canceled', talkMs: 0 });
  expect(eventsOf(network)).toEqual(['dial', 'end busy']);
});

test("the network's ringing tone is heard by the callee", async () => {
  const here = new Party('PCMU', 500);
  const { trunk } = await startNetwork({
    earlyMedia: true,
    ringMs: 60_000,
    answers: (invite) => {
      const isCallee = invite.message.ruri!.user === callee;
      if (isCallee) void here.answer(invite);
      return isCallee;
    },
  });
  const call = trunk.place(requestTo(callee));
  const transfer = call.transfer(simulatedNumber('voice'));
  await eventually(() => here.heard.slice(-5).some((frame) => frame.some((sample) => Math.abs(sample) > 2_000)));
  await call.hangUp();
  expect(await transfer).toMatchObject({ outcome: 'canceled', talkMs: 0 });
});
