/** A SIP user agent that talks with one other side over one channel: SIP.js with what it needs from outside. */
import type {
  ClientTransaction,
  DigestAuthentication,
  IncomingRequestMessage,
  IncomingResponseMessage,
  UserAgentCore,
  UserAgentCoreDelegate,
} from 'sip.js/lib/core';
import type { Channel } from './channel';
import type { SipJs } from './sip-js';

/** Who a user agent is. */
export interface UserAgentSettings {
  /** User part of the Contact. */
  readonly user: string;
  /** IPv4 address that the other side reaches this one by. */
  readonly host: string;
  /** Where in-dialog requests reach this side. */
  readonly port: number;
  readonly credentials?: { readonly username: string; readonly password: string };
  /** Proxy in the way of requests, as a Route header has it. */
  readonly route?: string;
  /** Hears of each response before SIP.js, which drops some that are right. */
  readonly onResponse?: (message: IncomingResponseMessage) => void;
  readonly delegate?: UserAgentCoreDelegate;
}

/** In the way of `channel()`, which may be another one after a reconnect. */
export class UserAgent {
  readonly core: UserAgentCore;
  readonly #sipJs: SipJs;
  readonly #channel: () => Channel | undefined;
  /** Transactions that a server asked for credentials in. */
  readonly #challenged = new Set<ClientTransaction>();
  readonly #onResponse: ((message: IncomingResponseMessage) => void) | undefined;

  constructor(sipJs: SipJs, channel: () => Channel | undefined, settings: UserAgentSettings) {
    this.#sipJs = sipJs;
    this.#channel = channel;
    this.#onResponse = settings.onResponse;
    const { user, host, port, credentials, route, delegate } = settings;
    const loggerFactory = new sipJs.LoggerFactory();
    // What it logs has phone numbers.
    loggerFactory.builtinEnabled = false;
    const transport = channel()?.protocol.toLowerCase() ?? 'udp';
    const uri = new sipJs.URI('sip', user, host, port, transport === 'tcp' ? { transport } : {});
    this.core = new sipJs.UserAgentCore(
      {
        aor: uri.clone(),
        contact: { uri, pubGruu: undefined, tempGruu: undefined, toString: () => `<${uri.toString()}>` },
        displayName: '',
        loggerFactory,
        hackViaTcp: false,
        routeSet: route === undefined ? [] : [route],
        sipjsId: '',
        supportedOptionTags: [],
        supportedOptionTagsResponse: [],
        userAgentHeaderFieldValue: 'outdial',
        viaForceRport: true,
        // SIP.js drops responses to a Via with a port.
        viaHost: host,
        authenticationFactory: (): DigestAuthentication | undefined =>
          credentials &&
          new sipJs.DigestAuthentication(loggerFactory, undefined, credentials.username, credentials.password),
        transportAccessor: () => ({
          protocol: channel()?.protocol ?? 'UDP',
          send: async (message: string) => {
            const open = channel();
            if (!open) throw new Error('there is no connection');
            await open.send(message);
          },
        }),
      },
      delegate,
    );
  }

  /** Takes a message from the network. What is malformed or unexpected is dropped: SIP.js throws for some of it. */
  receive(text: string): void {
    try {
      const { Parser, IncomingResponseMessage: Response } = this.#sipJs;
      const message = Parser.parseMessage(text, this.core.loggerFactory.getLogger('sip.parser'));
      if (!message || !isWhole(message)) return;
      if (message instanceof Response) this.#receiveResponse(message);
      else this.#receiveRequest(message as IncomingRequestMessage);
    } catch {
      // Nothing hostile from the network is worth a worker.
    }
  }

  close(): void {
    this.core.dispose();
    for (const transaction of this.#challenged) transaction.dispose();
  }

  #receiveResponse(message: IncomingResponseMessage): void {
    this.#channel()?.answered(message.viaBranch, message.method, message.statusCode!);
    if (message.statusCode === 401 || message.statusCode === 407) this.#rememberChallenged(message);
    this.#onResponse?.(message);
    this.core.receiveIncomingResponseFromTransport(message);
  }

  /** SIP.js puts another transaction in its place and forgets it, but its timers go on: of an INVITE for 32 s. */
  #rememberChallenged({ viaBranch, method }: IncomingResponseMessage): void {
    const transaction = this.core.userAgentClients.get(viaBranch + method)?.transaction;
    if (!transaction || this.#challenged.has(transaction)) return;
    this.#challenged.add(transaction);
    transaction.addStateChangeListener(() => {
      if (transaction.state === this.#sipJs.TransactionState.Terminated) this.#challenged.delete(transaction);
    });
  }

  #receiveRequest(message: IncomingRequestMessage): void {
    // Calls are taken for whatever user they are meant for; SIP.js would know but its own.
    if (this.core.delegate.onInvite) this.core.configuration.aor.user = message.ruri?.user;
    this.core.receiveIncomingRequestFromTransport(message);
  }
}

/** What every message must have: RFC 3261, 8.1.1. */
function isWhole(message: IncomingRequestMessage | IncomingResponseMessage): boolean {
  const { from, to, callId, cseq, viaBranch, method } = message;
  return Boolean(from && to && callId && cseq !== undefined && viaBranch && method);
}
