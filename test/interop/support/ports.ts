/** Ports of 127.0.0.1, for programs that can't be asked which one they took. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { freePortFrom } from '../../../src/dev-server/free-port';

/** Of UDP and TCP: what listens on one of them may not have the other. */
export async function freeSipPort(): Promise<number> {
  const port = await freePortFrom(0);
  return (await isUdpTaken(port)) ? freeSipPort() : port;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** An even port for sipp's sound, which takes the one two above as well and ends where either is taken. */
export async function freeMediaPort(): Promise<number> {
  const port = (await freeUdpPort()) & ~1;
  return (await isUdpTaken(port)) || (await isUdpTaken(port + 2)) ? freeMediaPort() : port;
}

export async function isUdpTaken(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const taken = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(true));
    socket.bind(port, '127.0.0.1', () => resolve(false));
  });
  socket.close();
  return taken;
}

export async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const listening = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return listening;
}
