/** Which server is called: those that answer OPTIONS in their own way, and those that are never asked. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { simulatedNumber } from '../../../src/trunks/simulated';
import { LoopbackCallee } from '../../../src/trunks/sip/loopback';
import { eventually } from '../../support/eventually';
import { closeLater, closeNetworks, requestTo, startNetwork, startTrunk } from './network';

afterEach(closeNetworks);

const busy = simulatedNumber('busy');

/** A server that answers requests, and their retransmissions, by a status line, or not at all. */
class Responder {
  readonly requests: string[] = [];
  uri = '';
  private readonly socket = createSocket('udp4');

  private constructor(private readonly answer: (method: string) => string | undefined) {}

  static async start(answer: (method: string) => string | undefined): Promise<Responder> {
    const responder = new Responder(answer);
    const { socket } = responder;
    socket.on('message', (packet, { address, port }) => {
      const request = packet.toString();
      const method = request.split(' ', 1)[0]!;
      responder.requests.push(method);
      const status = method === 'ACK' ? undefined : responder.answer(method);
      if (status === undefined) return;
      const kept = request.split('\r\n').filter((line) => /^(via|from|call-id|cseq):/i.test(line));
      const to = /^to:.*$/im.exec(request)![0];
      socket.send(
        [`SIP/2.0 ${status}`, ...kept, `${to};tag=t`, 'Content-Length: 0', '', ''].join('\r\n'),
        port,
        address,
      );
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    responder.uri = `sip:127.0.0.1:${socket.address().port}`;
    closeLater(() => responder.close());
    return responder;
  }

  called(): number {
    return this.requests.filter((method) => method === 'INVITE').length;
  }

  close(): void {
    try {
      this.socket.close();
    } catch {
      // It is closed.
    }
  }
}

test.each([
  ['200 OK', 'busy'],
  ['403 Forbidden', 'busy'],
  ['404 Not Found', 'busy'],
  ['405 Method Not Allowed', 'busy'],
  ['500 Server Internal Error', 'busy'],
  ['302 Moved Temporarily', 'busy'],
  ['503 Service Unavailable', 'line-fault'],
])('a server that answers OPTIONS by %s: a call is %s', async (status, outcome) => {
  const server = await Responder.start((method) => (method === 'INVITE' ? '486 Busy Here' : status));
  const trunk = startTrunk({ servers: [server.uri] });
  expect((await trunk.place(requestTo(busy)).ended).outcome).toBe(outcome);
});

describe('a server that falls silent, between two OPTIONS', () => {
  let isSilent = false;
  const start = (): Promise<Responder> => {
    isSilent = false;
    return Responder.start(() => (isSilent ? undefined : '486 Busy Here'));
  };

  test('costs one attempt, since it may have rung somebody; the next dials go to the next server', async () => {
    const server = await start();
    const { callee, ledger } = await startNetwork();
    const trunk = startTrunk({ servers: [server.uri, callee.uri] });
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    isSilent = true;
    expect((await trunk.place(requestTo(busy, { ringTimeoutMs: 500 })).ended).outcome).toBe('unreachable');
    expect(ledger()).toEqual([]);
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    expect(ledger().filter(({ event }) => event === 'dial')).toHaveLength(1);
  });

  test('and that is the only one: no further attempt is lost until it speaks again', async () => {
    const server = await start();
    const trunk = startTrunk({ servers: [server.uri], keepAliveMs: 60_000 });
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    isSilent = true;
    expect((await trunk.place(requestTo(busy, { ringTimeoutMs: 500 })).ended).outcome).toBe('unreachable');
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('line-fault');
    isSilent = false;
    await eventually(async () => (await trunk.place(requestTo(busy)).ended).outcome === 'busy');
  });
});

test.each(['udp', 'tcp'] as const)(
  'a trunk says that it has a problem while no server over %s is up, and no longer once one is back',
  async (transport) => {
    const servers = [];
    for (let n = 0; n < 2; n++) servers.push(await LoopbackCallee.start({ transport, ringMs: 0 }));
    const [first, second] = servers as [LoopbackCallee, LoopbackCallee];
    const trunk = startTrunk({ servers: servers.map(({ uri }) => uri), keepAliveMs: 100 });
    const heard: (string | undefined)[] = [];
    trunk.watchProblem(() => heard.push(trunk.problem));
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    await first.close();
    await eventually(async () => (await trunk.place(requestTo(busy)).ended).outcome === 'busy');
    expect([trunk.problem, heard]).toEqual([undefined, []]);
    await second.close();
    await eventually(() => trunk.problem !== undefined);
    const back = await LoopbackCallee.start({ transport, ringMs: 0, port: second.port });
    closeLater(() => back.close());
    await eventually(() => trunk.problem === undefined);
    expect(heard).toEqual(['No SIP server answers', undefined]);
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    await trunk.close();
    expect(heard.at(-1)).toBe('The trunk is closed');
  },
  60_000,
);

describe('a server that is never asked', () => {
  const keepAliveMs = 0;

  test('is called at once, and gets no OPTIONS', async () => {
    const server = await Responder.start((method) => (method === 'INVITE' ? '486 Busy Here' : undefined));
    const trunk = startTrunk({ servers: [server.uri], keepAliveMs });
    for (let n = 0; n < 2; n++) expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    expect(new Set(server.requests)).toEqual(new Set(['INVITE', 'ACK']));
  });

  test('that refuses the connection is passed over', async () => {
    const gone = await LoopbackCallee.start({ transport: 'tcp' });
    await gone.close();
    const { callee, ledger } = await startNetwork();
    const trunk = startTrunk({ servers: [gone.uri, callee.uri], keepAliveMs });
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    expect(ledger()).toHaveLength(2);
  });

  test.each([
    ['is not there', true],
    ['says nothing', false],
  ])('and that %s costs one attempt; the next dials go to the next server', async (_what, isGone) => {
    const silent = await Responder.start(() => undefined);
    if (isGone) silent.close();
    const { callee, ledger } = await startNetwork();
    const trunk = startTrunk({ servers: [silent.uri, callee.uri], keepAliveMs });
    const first = trunk.place(requestTo(busy, { ringTimeoutMs: 500 }));
    expect((await first.ended).outcome).toBe('unreachable');
    expect(ledger()).toEqual([]);
    for (let n = 0; n < 2; n++) expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    expect(ledger().filter(({ event }) => event === 'dial')).toHaveLength(2);
  });

  test('and that says nothing is a problem where there is no other', async () => {
    const silent = await Responder.start(() => undefined);
    const trunk = startTrunk({ servers: [silent.uri], keepAliveMs });
    const call = trunk.place(requestTo(busy, { ringTimeoutMs: 30_000 }));
    await eventually(() => trunk.problem === 'No SIP server answers');
    await call.hangUp();
  });

  test('is called again as soon as it has answered anything', async () => {
    let isSlow = true;
    const slow = await Responder.start(() => (isSlow ? undefined : '486 Busy Here'));
    const { callee, ledger } = await startNetwork();
    const trunk = startTrunk({ servers: [slow.uri, callee.uri], keepAliveMs });
    const waiting = trunk.place(requestTo(busy, { ringTimeoutMs: 30_000 }));
    // By the time that nobody waits for an answer to this one, the server is down.
    await trunk.place(requestTo(busy, { ringTimeoutMs: 500 })).ended;
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    expect(ledger()).toHaveLength(2);
    const before = slow.called();
    isSlow = false;
    expect((await waiting.ended).outcome).toBe('busy');
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    expect(slow.called()).toBeGreaterThan(before);
  });

  test('over TCP is connected to again when it was away', async () => {
    const first = await LoopbackCallee.start({ transport: 'tcp', ringMs: 0 });
    const trunk = startTrunk({ servers: [first.uri], keepAliveMs });
    expect((await trunk.place(requestTo(busy)).ended).outcome).toBe('busy');
    await first.close();
    await eventually(async () => (await trunk.place(requestTo(busy)).ended).outcome === 'line-fault');
    const back = await LoopbackCallee.start({ transport: 'tcp', ringMs: 0, port: first.port });
    closeLater(() => back.close());
    await eventually(async () => (await trunk.place(requestTo(busy)).ended).outcome === 'busy');
  });

  test('over TCP that closes a connection after a while has the next one at once, before anybody is called', async () => {
    const connections: Socket[] = [];
    const server = createServer((socket) => connections.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closeLater(() => {
      for (const socket of connections) socket.destroy();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    const trunk = startTrunk({ servers: [`sip:127.0.0.1:${port};transport=tcp`], keepAliveMs });
    void trunk.place(requestTo(busy)).hangUp();
    await eventually(() => connections.length === 1);
    const now = performance.now.bind(performance);
    const later = jest.spyOn(performance, 'now').mockImplementation(() => now() + 6_000);
    connections[0]!.destroy();
    // Its next try, were it not at once, would come after 5 s.
    await eventually(() => connections.length === 2, 4_000).finally(() => later.mockRestore());
  });
});
