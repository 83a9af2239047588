/** How SIP messages travel between here and one other side: UDP with its retransmissions, or TCP with its framing. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import { MessageFraming } from './framing';
import { Retransmissions } from './retransmissions';

/** Another side, by address. */
export interface SipAddress {
  readonly host: string;
  readonly port: number;
  readonly transport: 'udp' | 'tcp';
}

/** An open way to another side. */
export interface Channel {
  /** As a Via header has it. */
  readonly protocol: 'UDP' | 'TCP';
  /** IPv4 address and port of this side. */
  readonly local: { readonly address: string; readonly port: number };
  /** @throws Error where nothing was sent */
  send(message: string): Promise<void>;
  /** A response was received: its request is not sent again. */
  answered(branch: string, method: string, status: number): void;
  close(): void;
}

/** What a channel reports. */
export interface ChannelEvents {
  readonly onMessage: (message: string) => void;
  /** Once, when it is of no use any more; not after {@link Channel.close}. */
  readonly onLost: (error: Error) => void;
}

/** Time for a TCP connection to come about. */
const connectMs = 4_000;

/**
 * Opens a channel. It keeps no process alive.
 *
 * @throws Error where there is nobody
 */
export function openChannel(to: SipAddress, events: ChannelEvents): Promise<Channel> {
  return to.transport === 'tcp' ? openTcp(to, events) : openUdp(to, events);
}

/** The socket is connected: only the other side is heard, and it is known when there is nobody. */
async function openUdp({ host, port }: SipAddress, { onMessage, onLost }: ChannelEvents): Promise<Channel> {
  const socket: UdpSocket = createSocket({ type: 'udp4' });
  socket.unref();
  socket.on('message', (packet) => onMessage(packet.toString('utf8')));
  const connected = new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.connect(port, host);
  try {
    await connected;
  } catch (error) {
    socket.close();
    throw error;
  }
  // ICMP's port unreachable comes as an error; the socket goes on.
  socket.on('error', onLost);
  return udpChannel(
    socket.address(),
    (message, done) => socket.send(message, done),
    () => socket.close(),
  );
}

/** A channel over a socket that may be shared. */
export function udpChannel(
  local: Channel['local'],
  write: (message: string, done: (error: Error | null) => void) => void,
  close: () => void,
): Channel {
  let isClosed = false;
  const send = (message: string): Promise<void> =>
    new Promise((resolve, reject) => {
      if (isClosed) return reject(new Error('the socket is closed'));
      write(message, (error) => (error ? reject(error) : resolve()));
    });
  const retransmissions = new Retransmissions((message) => void send(message).catch(() => undefined));
  return {
    protocol: 'UDP',
    local,
    async send(message) {
      retransmissions.sent(message);
      try {
        await send(message);
      } catch (error) {
        retransmissions.unsent(message);
        throw error;
      }
    },
    answered: (branch, method, status) => retransmissions.answered(branch, method, status),
    close() {
      if (isClosed) return;
      isClosed = true;
      retransmissions.stop();
      close();
    },
  };
}

async function openTcp({ host, port }: SipAddress, events: ChannelEvents): Promise<Channel> {
  const socket = connect({ host, port, family: 4, noDelay: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectMs) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return tcpChannel(socket, events);
}

/** A channel over a connection, whoever opened it. */
export function tcpChannel(socket: TcpSocket, { onMessage, onLost }: ChannelEvents): Channel {
  const framing = new MessageFraming();
  let isClosed = false;
  const lost = (error: Error): void => {
    if (isClosed) return;
    isClosed = true;
    socket.destroy();
    onLost(error);
  };
  socket.unref();
  socket.on('error', lost);
  socket.on('close', () => lost(new Error('the connection was closed')));
  socket.on('data', (chunk) => {
    try {
      for (const message of framing.push(chunk)) onMessage(message);
    } catch (error) {
      lost(error as Error);
    }
  });
  return {
    protocol: 'TCP',
    local: { address: socket.localAddress!, port: socket.localPort! },
    send: (message) =>
      new Promise((resolve, reject) => {
        if (isClosed) return reject(new Error('the connection is closed'));
        socket.write(message, (error) => (error ? reject(error) : resolve()));
      }),
    answered: () => undefined,
    close() {
      if (isClosed) return;
      isClosed = true;
      socket.destroy();
    },
  };
}
