/** What happens around a call: credentials, proxies, servers that are down, and answers that are unusual or late. */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { IncomingInviteRequest, IncomingRequestMessage } from 'sip.js/lib/core';
import { simulatedNumber } from '../../../src/trunks/simulated';
import { sipTrunk, type SipTrunkOptions } from '../../../src/trunks/sip';
import { LoopbackCallee } from '../../../src/trunks/sip/loopback';
import { eventually } from '../../support/eventually';
import { closeLater, closeNetworks, requestTo, startNetwork, startTrunk } from './network';

afterEach(closeNetworks);

const voice = simulatedNumber('voice');
const transports = ['udp', 'tcp'] as const;

/** An answer whose sound nobody sends: the port is this test's own and silent. */
function sdpOf(
  port: number,
  codecs = '0 101',
  more = '',
): { contentDisposition: string; contentType: string; content: string } {
  const content = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP ${codecs}\r\n${more}`;
  return { contentDisposition: 'session', contentType: 'application/sdp', content };
}

async function silentPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closeLater(() => void socket.close());
  return socket.address().port;
}

/** A port where nobody is: it was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('caller ID, dial key, and no second of them: what an INVITE says', async () => {
  const seen: IncomingRequestMessage[] = [];
  const { trunk } = await startNetwork({
    answers: ({ message }) => {
      seen.push(message);
      return false;
    },
  });
  const request = requestTo(simulatedNumber('busy'), { callId: 'order-7', attempt: 3 });
  await trunk.place(request).ended;
  const [message, ...more] = seen;
  expect(more).toEqual([]);
  expect(message!.ruri!.user).toBe(request.destination);
  expect(message!.from.uri.user).toBe(request.ani);
  expect(message!.getHeader('p-asserted-identity')).toBe(`<sip:${request.ani}@127.0.0.1>`);
  expect(message!.callId).toMatch(/^order-7\.3\.[0-9a-f-]{36}@127\.0\.0\.1$/);
});

describe.each(transports)('digest authentication over %s', (transport) => {
  const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
  const realm = 'carrier';
  const password = 'open sesame';

  /** Challenges, and checks the answer as RFC 2617 has it. */
  function checks(invite: IncomingInviteRequest): boolean {
    const credentials = invite.message.getHeader('proxy-authorization');
    const field = (name: string): string => new RegExp(`\\b${name}="?([^",]*)`).exec(credentials ?? '')?.[1] ?? '';
    if (!credentials) {
      const challenge = `Proxy-Authenticate: Digest realm="${realm}", nonce="n-1", qop="auth", algorithm=MD5`;
      invite.reject({ statusCode: 407, extraHeaders: [challenge] });
      return true;
    }
    const secret = md5(`${field('username')}:${realm}:${password}`);
    const what = md5(`INVITE:${field('uri')}`);
    const right = md5(`${secret}:n-1:${field('nc')}:${field('cnonce')}:auth:${what}`);
    if (field('response') === right) return false;
    invite.reject({ statusCode: 403 });
    return true;
  }

  test.each([
    [{ username: 'library', password }, 'busy'],
    [{ username: 'library', password: 'guess' }, 'declined'],
    [{}, 'line-fault'],
  ])('%j', async (credentials, outcome) => {
    const { trunk, ledger } = await startNetwork({ transport, answers: checks }, credentials);
    expect((await trunk.place(requestTo(simulatedNumber('busy'))).ended).outcome).toBe(outcome);
    expect(outcome === 'busy' ? ledger().length : 0).toBe(outcome === 'busy' ? 2 : 0);
  });

  test('once closed, nothing of it keeps the process alive', async () => {
    const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const { trunk } = await startNetwork({ transport, answers: checks }, { username: 'library', password });
    expect((await trunk.place(requestTo(simulatedNumber('busy'))).ended).outcome).toBe('busy');
    await closeNetworks();
    await eventually(() => timers() <= before, 5_000);
  });
});

describe.each(transports)('servers over %s', (transport) => {
  test('an outbound proxy is connected to, and the server is in the request', async () => {
    const seen: IncomingRequestMessage[] = [];
    const { callee } = await startNetwork({
      transport,
      answers: ({ message }) => {
        seen.push(message);
        return false;
      },
    });
    const trunk = startTrunk({
      servers: ['sip:carrier.example'],
      outboundProxy: callee.uri,
      domain: 'library.example',
    });
    const call = trunk.place(requestTo(voice));
    expect(await call.answered).toBe(true);
    await call.hangUp();
    expect(seen[0]!.ruri!.toString()).toContain('@carrier.example');
    expect(seen[0]!.getHeader('route')).toContain(`127.0.0.1:${callee.port}`);
    expect(seen[0]!.from.uri.host).toBe('library.example');
  });

  test('a server that is down is passed over, and nobody rings twice', async () => {
    const dead = `sip:127.0.0.1:${await freePort()};transport=${transport}`;
    const { callee, ledger } = await startNetwork({ transport });
    const trunk = startTrunk({ servers: [dead, callee.uri] });
    expect((await trunk.place(requestTo(simulatedNumber('busy'))).ended).outcome).toBe('busy');
    expect(ledger().filter(({ event }) => event === 'dial')).toHaveLength(1);
  });

  test('the second one takes over while the first one is down, and gives back', async () => {
    const [first, second] = [await startNetwork({ transport }), await startNetwork({ transport })];
    const { port, uri } = first.callee;
    const trunk = startTrunk({ servers: [uri, second.callee.uri], keepAliveMs: 100 });
    const dials = async (): Promise<void> => {
      await trunk.place(requestTo(simulatedNumber('busy'))).ended;
    };
    await dials();
    expect([first.ledger().length, second.ledger()]).toEqual([2, []]);
    await first.callee.close();
    await eventually(async () => {
      await dials();
      return second.ledger().length > 0;
    });
    const back = await LoopbackCallee.start({ transport, port });
    closeLater(() => back.close());
    await eventually(async () => {
      await dials();
      return back.telephones.size > 0;
    });
  }, 120_000);

  test('where all are down, and after close, it is a line fault', async () => {
    const trunk = startTrunk({ servers: [`sip:127.0.0.1:${await freePort()};transport=${transport}`] });
    const call = trunk.place(requestTo(voice));
    expect(await call.ended).toEqual({ outcome: 'line-fault', cause: { text: 'No SIP server answers' } });
    expect([await call.ringing, await call.answered, await call.gather()]).toEqual([false, false, '']);
    await trunk.close();
    expect((await trunk.place(requestTo(voice)).ended).cause).toEqual({ text: 'The trunk is closed' });
  });
});

test('a server that talks nonsense is down, and harms nobody', async () => {
  const nonsense = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('SIP/2.0 200 OK\r\nVia: \u0000\r\nCSeq: x\r\n\r\n');
    socket.end('y'.repeat(70_000));
  }).listen(0, '127.0.0.1');
  await once(nonsense, 'listening');
  closeLater(() => void nonsense.close());
  const { callee } = await startNetwork();
  const { port } = nonsense.address() as AddressInfo;
  const trunk = startTrunk({ servers: [`sip:127.0.0.1:${port};transport=tcp`, callee.uri] });
  expect((await trunk.place(requestTo(simulatedNumber('busy'))).ended).outcome).toBe('busy');
});

test('close hangs up what rings and what talks', async () => {
  const { trunk, ledger } = await startNetwork();
  const talking = trunk.place(requestTo(voice));
  expect(await talking.answered).toBe(true);
  const ringing = trunk.place(requestTo(simulatedNumber('no-answer')));
  expect(await ringing.ringing).toBe(true);
  await trunk.close();
  expect([(await talking.ended).outcome, (await ringing.ended).outcome]).toEqual(['answered', 'canceled']);
  expect(ledger().filter(({ event }) => event === 'end')).toHaveLength(2);
});

test('a call that is hung up at once rings nobody', async () => {
  const { trunk, callee } = await startNetwork();
  const call = trunk.place(requestTo(voice));
  await call.hangUp();
  expect(await call.ended).toEqual({ outcome: 'canceled' });
  await trunk.place(requestTo(simulatedNumber('busy'))).ended;
  expect(callee.telephones.size).toBe(1);
});

test('early media rings, and is no part of who answered', async () => {
  const { trunk } = await startNetwork({ earlyMedia: true, ringMs: 1_000 });
  const call = trunk.place(requestTo(voice));
  expect([await call.ringing, await call.answered]).toEqual([true, true]);
  expect(await call.detectCalleeType(4_000)).toBe('voice');
  await call.hangUp();
});

test('ringing without a Contact or a tag is ringing', async () => {
  const { trunk } = await startNetwork({
    answers: (invite) => {
      const { core } = invite as unknown as { core: { transport: { send(message: string): Promise<void> } } };
      const headers = ['via', 'from', 'to', 'call-id', 'cseq'].map(
        (name) => `${name}: ${invite.message.getHeader(name)}`,
      );
      void core.transport.send(`SIP/2.0 180 Ringing\r\n${headers.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`);
      invite.delegate = { onCancel: () => invite.reject({ statusCode: 487 }) };
      return true;
    },
  });
  const call = trunk.place(requestTo(voice));
  expect(await call.ringing).toBe(true);
  await call.hangUp();
});

test('an answer that crosses the CANCEL is hung up, and counts as what was decided', async () => {
  let byes = 0;
  const { trunk } = await startNetwork({
    answers: (invite) => {
      invite.progress({ statusCode: 180 });
      invite.delegate = {
        onCancel: () => {
          const { session } = invite.accept({ statusCode: 200, body: sdpOf(40_000) });
          session.delegate = {
            onBye: (bye) => {
              byes++;
              bye.accept();
            },
          };
        },
      };
      return true;
    },
  });
  const call = trunk.place(requestTo(voice));
  expect(await call.ringing).toBe(true);
  await call.hangUp();
  expect([(await call.ended).outcome, await call.answered, byes]).toEqual(['canceled', false, 1]);
});

test('an answer without a codec in common is answered, and over', async () => {
  const { trunk } = await startNetwork({
    answers: (invite) => {
      invite.accept({ statusCode: 200, body: sdpOf(40_000, '18') });
      return true;
    },
  });
  const call = trunk.place(requestTo(voice));
  expect(await call.ended).toEqual({
    outcome: 'answered',
    cause: { sip: 200, text: 'there is no common codec: PCMU, PCMA' },
  });
  expect(await call.answered).toBe(true);
});

test('a callee of whom nothing is heard is gone; one on hold is not', async () => {
  const port = await silentPort();
  const { trunk } = await startNetwork(
    {
      answers: (invite) => {
        const onHold = invite.message.ruri!.user === voice;
        invite.accept({ statusCode: 200, body: sdpOf(port, '0 101', onHold ? 'a=inactive\r\n' : '') });
        return true;
      },
    },
    { rtpTimeoutMs: 300 },
  );
  const held = trunk.place(requestTo(voice));
  expect(await held.answered).toBe(true);
  const gone = trunk.place(requestTo(simulatedNumber('voice', 1)));
  expect(await gone.ended).toEqual({ outcome: 'answered', cause: { text: 'Nothing was heard for 300 ms' } });
  const heldEnds = jest.fn();
  void held.ended.then(heldEnds);
  await new Promise(setImmediate);
  expect(heldEnds).not.toHaveBeenCalled();
  await held.hangUp();
});

test.each<[string, Partial<SipTrunkOptions>, string]>([
  ['servers', { servers: [] }, 'servers must name at least one: sip:host'],
  ['a server', { servers: ['carrier'] }, 'servers.0 must be sip:host[:port][;transport=udp|tcp]'],
  ['a port', { servers: ['sip:carrier:70000'] }, 'servers.0 must be'],
  ['a proxy', { outboundProxy: 'sips:carrier' }, 'outboundProxy must be'],
  ['a password', { username: 'library' }, 'username and password belong together'],
  ['a codec', { codecs: ['G729' as 'PCMU'] }, 'codecs are PCMU and PCMA'],
  ['an address', { host: 'here' }, 'host must be an IPv4 address'],
  ['a domain', { domain: 'a b' }, 'domain must be a host name'],
  ['a range', { rtpPorts: { from: 10_001, to: 10_020 } }, 'rtpPorts must be from an even port'],
  ['a timeout', { rtpTimeoutMs: -1 }, 'rtpTimeoutMs must be 0 or more'],
  ['a rhythm', { keepAliveMs: 1 }, 'keepAliveMs must be 100 or more, or 0 for never'],
])('%s that is wrong is told', (_what, wrong, message) => {
  expect(() => sipTrunk({ servers: ['sip:carrier'], ...wrong })).toThrow(RangeError);
  expect(() => sipTrunk({ servers: ['sip:carrier'], ...wrong })).toThrow(message);
});
