/**
 * Malformed and hostile input: real messages and packets, mutated from a seed. OUTDIAL_FUZZ says how many, 3,000 by default:
 * OUTDIAL_FUZZ=1000000 npx jest test/trunks/sip/fuzz
 */
import { isIPv4 } from 'node:net';
import type { IncomingInviteRequest, OutgoingInviteRequest } from 'sip.js/lib/core';
import type { Channel } from '../../../src/trunks/sip/channel';
import { MessageFraming } from '../../../src/trunks/sip/framing';
import { q850Of } from '../../../src/trunks/outcomes';
import { RtpSession } from '../../../src/trunks/rtp/rtp-session';
import { offerOf, readSdp } from '../../../src/trunks/sip/sdp';
import { loadSipJs, type SipJs } from '../../../src/trunks/sip/sip-js';
import { UserAgent } from '../../../src/trunks/sip/user-agent';
import { simulatedNumber } from '../../../src/trunks/simulated';
import type { SipTrunk } from '../../../src/trunks/sip';
import { Random } from '../../../scripts/callee-type-corpus/random';
import { eventually } from '../../support/eventually';
import { closeNetworks, requestTo, startNetwork } from './network';

const inputs = Number(process.env['OUTDIAL_FUZZ'] ?? 3_000);
/** SIP.js takes most of the time: a third are whole messages, half of them to a live trunk; the rest is for streams, descriptions and packets. */
const share = Math.ceil(inputs / 6);

const failures: unknown[] = [];
const onFailure = (error: unknown): void => void failures.push(error);
beforeAll(() => {
  process.on('unhandledRejection', onFailure);
  process.on('uncaughtException', onFailure);
});
afterAll(() => {
  process.off('unhandledRejection', onFailure);
  process.off('uncaughtException', onFailure);
});
afterEach(async () => {
  await new Promise(setImmediate);
  expect(failures).toEqual([]);
});

function mutated(original: Uint8Array, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(original);
  for (let n = 1 + Math.floor(random.next() * 6); n > 0 && bytes.length > 0; n--) {
    const at = Math.floor(random.next() * bytes.length);
    const kind = random.next();
    if (kind < 0.4) bytes[at] = Math.floor(random.next() * 256);
    else if (kind < 0.6)
      bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + Math.floor(random.next() * 20))]);
    else if (kind < 0.75) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 40))]);
    else if (kind < 0.85)
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from('99999999999'), bytes.subarray(at)]);
    else if (kind < 0.95) bytes = swappedLines(bytes, random);
    else bytes = bytes.subarray(0, at);
  }
  return bytes;
}

function swappedLines(bytes: Buffer, random: Random): Buffer {
  const lines = bytes.toString('latin1').split('\r\n');
  const [a, b] = [0, 0].map(() => Math.floor(random.next() * lines.length)) as [number, number];
  [lines[a], lines[b]] = [lines[b]!, lines[a]!];
  return Buffer.from(lines.join('\r\n'), 'latin1');
}

const sdp = offerOf({ host: '127.0.0.1', port: 40_000, codecs: ['PCMU', 'PCMA'] });
const body = { contentDisposition: 'session', contentType: 'application/sdp', content: sdp };

/** Two user agents in one process, with calls between them in every state, and all that they have said. */
function conversation(sipJs: SipJs) {
  const said: [to: 'caller' | 'callee', message: string][] = [];
  const agents = {} as Record<'caller' | 'callee', UserAgent>;
  const wire = (to: 'caller' | 'callee'): Channel => ({
    protocol: 'UDP',
    local: { address: '127.0.0.1', port: 5_060 },
    send: async (message) => {
      if (said.length < 200) said.push([to, message]);
      if (!isFuzzed) setImmediate(() => agents[to].receive(message));
    },
    answered: () => undefined,
    close: () => undefined,
  });
  let isFuzzed = false;
  const settings = { host: '127.0.0.1', port: 5_060 };
  const [toCallee, toCaller] = [wire('callee'), wire('caller')];
  agents.caller = new UserAgent(sipJs, () => toCallee, { ...settings, user: 'caller' });
  agents.callee = new UserAgent(sipJs, () => toCaller, {
    ...settings,
    user: 'callee',
    delegate: {
      onInvite: (invite) => {
        const user = invite.message.ruri?.user;
        invite.delegate = { onCancel: () => invite.reject({ statusCode: 487 }) };
        if (user !== 'busy') invite.progress({ statusCode: 183, body });
        if (user === 'busy')
          invite.reject({ statusCode: 486, extraHeaders: ['Reason: Q.850;cause=17;text="User busy"'] });
        else if (user === 'talks') invite.accept({ statusCode: 200, body });
      },
    },
  });
  const uri = (user: string) => new sipJs.URI('sip', user, '127.0.0.1');
  const call = (user: string): OutgoingInviteRequest => {
    const { core } = agents.caller;
    const contact = ['Contact: <sip:caller@127.0.0.1>'];
    return core.invite(
      core.makeOutgoingRequestMessage('INVITE', uri(user), uri('caller'), uri(user), {}, contact, body),
      {
        onAccept: ({ ack, session }) => {
          ack();
          if (said.length < 20) session.bye();
        },
        onReject: ({ message }) => void q850Of(message.getHeaders('reason')),
      },
    );
  };
  const request = (method: string): void => {
    const { core } = agents.caller;
    core.request(core.makeOutgoingRequestMessage(method, uri('callee'), uri('caller'), uri('callee'), {}));
  };
  return {
    said,
    agents,
    async talk() {
      call('talks');
      call('busy');
      request('OPTIONS');
      const ringing = call('rings');
      for (let n = 0; n < 20; n++) await new Promise(setImmediate);
      ringing.cancel();
      call('talks');
      call('rings');
      for (let n = 0; n < 20; n++) await new Promise(setImmediate);
      isFuzzed = true;
    },
    close: () => Object.values(agents).forEach((agent) => agent.close()),
  };
}

test('SIP messages', async () => {
  const sipJs = await loadSipJs();
  const random = new Random('sip');
  for (let done = 0; done < share;) {
    const { said, agents, talk, close } = conversation(sipJs);
    await talk();
    const methods = new Set(said.map(([, message]) => message.split(' ', 1)[0]));
    expect([...methods].sort()).toEqual(['ACK', 'BYE', 'CANCEL', 'INVITE', 'OPTIONS', 'SIP/2.0']);
    const known = [...said];
    for (const until = Math.min(share, done + 5_000); done < until; done++) {
      const [to, message] = random.pick(known);
      agents[to].receive(mutated(Buffer.from(message), random).toString('utf8'));
    }
    close();
    await new Promise(setImmediate);
  }
}, 3_600_000);

describe('a live trunk', () => {
  afterEach(async () => {
    jest.restoreAllMocks();
    await closeNetworks();
  });

  const talks = simulatedNumber('voice', 1);
  const leaves = simulatedNumber('voice', 2);
  const others = (['busy', 'declined', 'voice', 'hangs-up'] as const).map((kind) => simulatedNumber(kind));

  /** Calls that are refused, that ring until they are canceled, that talk on, and that are hung up. */
  function placeAll(trunk: SipTrunk): void {
    for (const number of [talks, leaves, ...others]) trunk.place(requestTo(number));
    const ringing = trunk.place(requestTo(simulatedNumber('no-answer')));
    void ringing.ringing.then(() => ringing.hangUp());
  }

  /** Callees who change their sound, in both ways that there are, and stay or hang up. */
  function answers(invite: IncomingInviteRequest): boolean {
    const user = invite.message.ruri?.user;
    if (user !== talks && user !== leaves) return false;
    const { session } = invite.accept({ statusCode: 200, body });
    const again = (offer?: typeof body): Promise<void> =>
      new Promise((resolve) => {
        const onAccept = ({ ack }: { ack(options?: object): unknown }): void => {
          ack(offer ? {} : { body });
          resolve();
        };
        const extraHeaders = ['Contact: <sip:callee@127.0.0.1>'];
        session.invite({ onAccept, onReject: () => resolve() }, { ...(offer && { body: offer }), extraHeaders });
      });
    session.delegate = {
      onBye: (bye) => void bye.accept(),
      onAck: () =>
        void again(body)
          .then(() => again())
          .then(() => user === leaves && session.bye())
          // The call is over on the way.
          .catch(() => undefined),
    };
    return true;
  }

  /** What reaches the trunk: the latest of it, and half of it mutated on its way while it is fuzzed. */
  function tap(random: Random) {
    const wire = { heard: [] as string[], isFuzzed: false, inject: (_text: string): void => undefined };
    const receive = UserAgent.prototype.receive;
    jest.spyOn(UserAgent.prototype, 'receive').mockImplementation(function (this: UserAgent, text) {
      if (this.core.configuration.contact.uri.user !== 'outdial') return receive.call(this, text);
      wire.inject = (other) => receive.call(this, other);
      wire.heard = [...wire.heard.slice(-99), text];
      const isMutated = wire.isFuzzed && random.next() < 0.5;
      receive.call(this, isMutated ? mutated(Buffer.from(text), random).toString('utf8') : text);
    });
    return wire;
  }

  test('goes on, and the next call goes through', async () => {
    const random = new Random('trunk');
    for (let done = 0; done < share;) {
      const wire = tap(random);
      const { trunk } = await startNetwork({ answers, ringMs: 0, talkMs: 300 }, { keepAliveMs: 100 });
      placeAll(trunk);
      const all = ['INVITE', 'BYE', 'ACK', 'SIP/2.0 180', 'SIP/2.0 200', 'SIP/2.0 486', 'SIP/2.0 487'];
      const isHeard = (start: string): boolean => wire.heard.some((text) => text.startsWith(start));
      await eventually(() => expect(all.filter((start) => !isHeard(start))).toEqual([]));
      wire.isFuzzed = true;
      for (const until = Math.min(share, done + 5_000); done < until; done++) {
        if (done % 250 === 0) placeAll(trunk);
        wire.inject(mutated(Buffer.from(random.pick(wire.heard)), random).toString('utf8'));
        // The trunk's answers go out, and the network's come in.
        if (done % 10 === 0) await new Promise(setImmediate);
      }
      wire.isFuzzed = false;
      await eventually(async () => (await trunk.place(requestTo(simulatedNumber('busy'))).ended).outcome === 'busy');
      const call = trunk.place(requestTo(simulatedNumber('voice')));
      expect(await call.answered).toBe(true);
      await call.hangUp();
      expect((await call.ended).outcome).toBe('answered');
      await closeNetworks();
      jest.restoreAllMocks();
    }
  }, 3_600_000);
});

test('streams', () => {
  const random = new Random('stream');
  const message = Buffer.from(
    `INVITE sip:a@b SIP/2.0\r\nVia: x\r\nContent-Length: ${sdp.length}\r\n\r\n${sdp}\r\n\r\n`,
  );
  let framing = new MessageFraming();
  for (let n = 0; n < share; n++) {
    const stream = mutated(Buffer.concat([message, message]), random);
    const cut = Math.floor(random.next() * stream.length);
    try {
      for (const chunk of [stream.subarray(0, cut), stream.subarray(cut)]) framing.push(chunk);
    } catch (error) {
      // The connection is closed then, and nothing else happens.
      expect(error).toBeInstanceOf(RangeError);
      framing = new MessageFraming();
    }
  }
}, 3_600_000);

test('descriptions', () => {
  const random = new Random('sdp');
  for (let n = 0; n < share; n++) {
    try {
      const read = readSdp(mutated(Buffer.from(sdp), random).toString(), ['PCMU']);
      const { host, port, codec, eventPayloadType = 96 } = read;
      const isRight = port > 0 && port < 65_536 && eventPayloadType >= 96 && eventPayloadType <= 127;
      if (!isIPv4(host) || codec !== 'PCMU' || !isRight) failures.push(read);
    } catch (error) {
      expect((error as Error).message).toMatch(/^there is no/);
    }
  }
}, 3_600_000);

test('RTP packets', async () => {
  const random = new Random('rtp');
  let [samples, digits] = [0, 0];
  const rtp = await RtpSession.open(undefined, {
    onAudio: (audio) => (samples += audio.length),
    onDigit: (digit) => (digits += digit.length),
  });
  rtp.setRemote(readSdp(sdp, ['PCMU']));
  const header = [0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4];
  const audio = Buffer.from([...header, ...Array<number>(160).fill(0x55)]);
  const event = Buffer.from([...header.with(1, 101), 5, 10, 0, 160]);
  const extended = Buffer.from([
    0x90,
    ...header.slice(1),
    0xbe,
    0xde,
    0,
    1,
    0x10,
    1,
    0,
    0,
    ...Array<number>(160).fill(1),
  ]);
  for (let n = 0; n < 2 * share; n++) {
    rtp.receive(mutated(random.pick([audio, event, extended]), random), { address: '127.0.0.1', port: 40_000 });
  }
  rtp.close();
  expect(samples).toBeGreaterThan(0);
  expect(digits).toBeGreaterThan(0);
}, 3_600_000);
