/** A WebSocket of Asterisk's HTTP server. */
import { WebSocket } from 'ws';
import { pending } from '../pending';

/** No event is longer, and no piece of sound. */
const maxMessageBytes = 1_048_576;

/** How one is opened. */
export interface SocketSetup {
  readonly url: URL;
  readonly authorization: string;
  readonly protocols: string[];
  /** Time to be opened in. */
  readonly openMs: number;
  /** So often the other side is asked whether it is there; absent: never. */
  readonly pingMs?: number;
  readonly onMessage: (data: Buffer, isBinary: boolean) => void;
}

/** Its end is seen also where the connection dies without a word. */
export class Socket {
  /** False where it could not be opened. */
  readonly opened: Promise<boolean>;
  /** Resolves when it is closed, by whomever, or the other side no longer answers. */
  readonly closed: Promise<void>;
  readonly #socket: WebSocket;

  constructor({ url, authorization, protocols, openMs, pingMs, onMessage }: SocketSetup) {
    const socket = new WebSocket(url, protocols, {
      headers: { authorization },
      handshakeTimeout: openMs,
      maxPayload: maxMessageBytes,
      perMessageDeflate: false,
    });
    const [opened, settleOpened] = pending<boolean>();
    const [closed, settleClosed] = pending<void>();
    this.#socket = socket;
    this.opened = opened;
    this.closed = closed;
    let stopPings: (() => void) | undefined;
    socket.on('open', () => {
      if (pingMs !== undefined) stopPings = ping(socket, pingMs);
      settleOpened(true);
    });
    socket.on('message', (data, isBinary) => onMessage(data as Buffer, isBinary));
    // It is closed then.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      stopPings?.();
      settleOpened(false);
      settleClosed();
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  send(data: Uint8Array): void {
    if (this.isOpen) this.#socket.send(data);
  }

  /** At once: a closing handshake would wait for a side that may be gone. */
  close(): void {
    this.#socket.terminate();
  }
}

/** Closes the socket where a ping has no answer by the next one. @returns what ends it */
function ping(socket: WebSocket, everyMs: number): () => void {
  let isAnswered = true;
  socket.on('pong', () => (isAnswered = true));
  const timer = setInterval(() => {
    if (!isAnswered) return socket.terminate();
    isAnswered = false;
    if (socket.readyState === WebSocket.OPEN) socket.ping();
  }, everyMs);
  return () => clearInterval(timer);
}
