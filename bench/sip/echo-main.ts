/**
 * The callees' sound, in a process of its own: it counts what it hears on each port, and sends it back under sequence numbers of its
 * own, so that what is lost on the way here is not missed on the way back too.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { answerQuestions } from '../watched-process';
import { isSound, RtpStreams } from './rtp-streams';

export interface EchoOptions {
  /** Calls at once, a port each. */
  readonly ports: number;
}

async function main({ ports }: EchoOptions): Promise<void> {
  process.once('disconnect', () => process.exit());
  const streams = new RtpStreams();
  const open = async (): Promise<number> => {
    const socket = createSocket('udp4');
    let sequence = 0;
    socket.on('error', () => undefined);
    socket.on('message', (packet, { address, port }) => {
      if (!isSound(packet)) return;
      streams.take(packet, performance.now());
      packet.writeUInt16BE(sequence++ & 0xffff, 2);
      socket.send(packet, port, address, () => undefined);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return socket.address().port;
  };
  const opened = await Promise.all(Array.from({ length: ports }, open));
  answerQuestions({ ports: () => opened, received: () => streams.totals() });
}

void main(JSON.parse(process.argv[2]!) as EchoOptions);
