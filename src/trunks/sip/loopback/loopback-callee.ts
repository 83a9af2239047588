/** A telephone network on this machine that speaks SIP and RTP: who is called follows from the number, as on the simulated trunk. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket as TcpSocket } from 'node:net';
import type { IncomingInviteRequest } from 'sip.js/lib/core';
import { callees } from '../../simulated/callees';
import { DialLedger, type LedgerEntry } from '../../simulated/dial-ledger';
import { calleeKind, type DialPlan, type DrawOptions, lineFault, planDial } from '../../simulated/dial-plan';
import { type Channel, tcpChannel, udpChannel } from '../channel';
import { loadSipJs, type SipJs } from '../sip-js';
import { UserAgent } from '../user-agent';
import { Telephone, type TelephoneEvent } from './telephone';

/** Options of the loopback network. Times are real ones. */
export interface LoopbackCalleeOptions extends DrawOptions {
  /** @defaultValue udp */
  readonly transport?: 'udp' | 'tcp';
  /** Port on 127.0.0.1. @defaultValue a free one */
  readonly port?: number;
  /** File that the dial ledger is appended to: what really rang. */
  readonly ledger?: string;
  /** The network's ringing tone is sent as sound before the answer, with a 183 in place of the 180. */
  readonly earlyMedia?: boolean;
  /** Keys that a person presses when the caller has spoken. @defaultValue last digit of their number, then `#` */
  readonly presses?: string;
  /** Answers an INVITE in the telephones' stead, when it says true. */
  readonly answers?: (invite: IncomingInviteRequest) => boolean;
}

const host = '127.0.0.1';

/** What the ledger calls what a telephone notes. Somebody whom a callee is transferred to is a second leg of the dial. */
type LedgerNames = Readonly<Partial<Record<TelephoneEvent, LedgerEntry['event']>>>;
const dialEvents: LedgerNames = {
  dial: 'dial',
  ringing: 'ringing',
  answer: 'answer',
  end: 'end',
  'line-fault': 'line-fault',
};
const transferEvents: LedgerNames = { dial: 'transfer', end: 'transfer-end' };

export class LoopbackCallee {
  /** All calls that came in, by their Call-ID. */
  readonly telephones = new Map<string, Telephone>();
  readonly #sipJs: SipJs;
  readonly #options: LoopbackCalleeOptions;
  readonly #ledger: DialLedger | undefined;
  readonly #agents = new Set<UserAgent>();
  readonly #channels = new Set<Channel>();
  readonly #lineFaults = new Map<string, number>();
  #server: UdpSocket | Server | undefined;
  #port = 0;

  private constructor(sipJs: SipJs, options: LoopbackCalleeOptions) {
    this.#sipJs = sipJs;
    this.#options = options;
    this.#ledger = options.ledger === undefined ? undefined : new DialLedger(options.ledger);
  }

  static async start(options: LoopbackCalleeOptions = {}): Promise<LoopbackCallee> {
    const callee = new LoopbackCallee(await loadSipJs(), options);
    await (options.transport === 'tcp' ? callee.#listenTcp() : callee.#listenUdp());
    return callee;
  }

  /** As `servers` of the SIP trunk takes it. */
  get uri(): string {
    return `sip:${host}:${this.#port};transport=${this.#options.transport ?? 'udp'}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Ends all calls, and is gone. */
  async close(): Promise<void> {
    for (const telephone of this.telephones.values()) telephone.hangUp();
    for (const agent of this.#agents) agent.close();
    for (const channel of this.#channels) channel.close();
    const server = this.#server;
    this.#server = undefined;
    await new Promise<void>((resolve) => (server ? server.close(() => resolve()) : resolve()));
    this.#ledger?.close();
  }

  async #listenUdp(): Promise<void> {
    const socket = createSocket('udp4');
    this.#server = socket;
    const peers = new Map<string, UserAgent>();
    socket.on('error', () => undefined);
    socket.on('message', (packet, { address, port }) => {
      const key = `${address}:${port}`;
      let agent = peers.get(key);
      if (!agent) {
        const write = (message: string, done: (error: Error | null) => void): void =>
          socket.send(message, port, address, done);
        agent = this.#meet(udpChannel({ address: host, port: this.#port }, write, () => undefined));
        peers.set(key, agent);
      }
      agent.receive(packet.toString('utf8'));
    });
    socket.bind(this.#options.port ?? 0, host);
    await once(socket, 'listening');
    this.#port = socket.address().port;
  }

  async #listenTcp(): Promise<void> {
    const server = createServer((socket: TcpSocket) => {
      const channel: Channel = tcpChannel(socket, {
        onMessage: (message) => agent.receive(message),
        onLost: () => {
          agent.close();
          this.#agents.delete(agent);
          this.#channels.delete(channel);
        },
      });
      const agent = this.#meet(channel);
    });
    this.#server = server;
    await once(server.listen(this.#options.port ?? 0, host), 'listening');
    this.#port = (server.address() as AddressInfo).port;
  }

  #meet(channel: Channel): UserAgent {
    const agent = new UserAgent(this.#sipJs, () => channel, {
      user: 'callee',
      host,
      port: this.#port,
      delegate: { onInvite: (invite) => this.#called(invite) },
    });
    this.#channels.add(channel);
    this.#agents.add(agent);
    return agent;
  }

  #called(invite: IncomingInviteRequest): void {
    if (this.#options.answers?.(invite)) return;
    const { callId: sipCallId, ruri } = invite.message;
    // The trunk makes its Call-IDs of the dial's key and a random end.
    const [, callId = sipCallId, digits = '1', transfer] = /^(.+)\.(\d+)\.(transfer-)?[^.@]+@/.exec(sipCallId) ?? [];
    const attempt = Number(digits);
    const destination = ruri?.user ?? '';
    const events = transfer === undefined ? dialEvents : transferEvents;
    const telephone = new Telephone({
      invite,
      plan: this.#plan(callId, transfer === undefined ? attempt : 1, destination),
      host,
      earlyMedia: this.#options.earlyMedia ?? false,
      note: (what, end) => {
        const event = events[what];
        if (event) this.#ledger?.write({ event, callId, attempt, at: Date.now(), pid: process.pid, ...end });
      },
    });
    this.telephones.set(sipCallId, telephone);
    telephone.ring().catch(() => invite.reject({ statusCode: 500 }));
  }

  #plan(callId: string, attempt: number, destination: string): DialPlan {
    const kind = calleeKind(destination, this.#options);
    const { lineFaults = 0 } = callees[kind];
    const met = this.#lineFaults.get(callId) ?? 0;
    if (met < lineFaults) {
      this.#lineFaults.set(callId, met + 1);
      return lineFault('The line is faulty');
    }
    // The caller keeps the ring timeout, and nobody told the callee of it.
    const request = { callId, attempt, destination, ani: '', ringTimeoutMs: Infinity };
    const plan = planDial(kind, request, this.#options);
    if (plan.answer?.sound !== 'person') return plan;
    return { ...plan, answer: { ...plan.answer, presses: this.#options.presses ?? `${destination.slice(-1)}#` } };
  }
}
