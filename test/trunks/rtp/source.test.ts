/** Whom a session hears, where more than one sends to it. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { RtpSession } from '../../../src/trunks/rtp/rtp-session';
import { eventually } from '../../support/eventually';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Somebody who sends sound that is told by the length of its packets. */
class Sender {
  private constructor(
    private readonly socket: Socket,
    private readonly to: RtpSession,
    private readonly length: number,
  ) {}

  static async start(to: RtpSession, length: number): Promise<Sender> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    closing.push(() => socket.close());
    return new Sender(socket, to, length);
  }

  send(): Promise<void> {
    const packet = Buffer.from([0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4, ...Array<number>(this.length).fill(0x55)]);
    return new Promise((resolve) => this.socket.send(packet, this.to.port, '127.0.0.1', () => resolve()));
  }

  /** The other side has said that it sends from here. */
  isNamed(): void {
    const { port } = this.socket.address();
    this.to.setRemote({
      host: '127.0.0.1',
      port,
      codec: 'PCMU',
      eventPayloadType: 101,
      direction: 'sendrecv',
    });
  }
}

const network = 1;
const callee = 2;
const stranger = 3;

async function start() {
  const heard: number[] = [];
  const session = await RtpSession.open(undefined, {
    onAudio: (samples) => heard.push(samples.length),
    onDigit: () => undefined,
  });
  closing.push(() => session.close());
  const sender = (length: number): Promise<Sender> => Sender.start(session, length);
  const hears = (...who: number[]): Promise<void> => eventually(() => expect(heard).toEqual(who));
  return { sender, hears };
}

test('after sound of the network before the answer, the callee is heard from the first packet on, and the network no more', async () => {
  const { sender, hears } = await start();
  const [early, answered] = [await sender(network), await sender(callee)];
  await early.send();
  await hears(network);
  answered.isNamed();
  await answered.send();
  await hears(network, callee);
  await early.send();
  await answered.send();
  await hears(network, callee, callee);
});

test('sound of the network that goes on past the answer keeps nobody from being heard', async () => {
  const { sender, hears } = await start();
  const [early, answered] = [await sender(network), await sender(callee)];
  await early.send();
  await hears(network);
  answered.isNamed();
  await early.send();
  await hears(network, network);
  await answered.send();
  await hears(network, network, callee);
});

test('sound that has moved is heard from its new place, whoever sends there', async () => {
  const { sender, hears } = await start();
  const [before, after, behindNat] = [await sender(network), await sender(callee), await sender(stranger)];
  before.isNamed();
  await before.send();
  await hears(network);
  after.isNamed();
  await behindNat.send();
  await hears(network, stranger);
});

test('nobody else can talk into a call, also not after its description was sent again', async () => {
  const { sender, hears } = await start();
  const [talking, other] = [await sender(callee), await sender(stranger)];
  talking.isNamed();
  await talking.send();
  await hears(callee);
  talking.isNamed();
  await other.send();
  await talking.send();
  await hears(callee, callee);
});
