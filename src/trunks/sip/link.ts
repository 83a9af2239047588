/** The way to one server: a channel, the user agent that speaks on it, and whether the server is there. */
import type { IncomingResponseMessage, OutgoingRequestMessage } from 'sip.js/lib/core';
import { type Channel, openChannel } from './channel';
import type { SipServer, SipSettings } from './options';
import type { SipJs } from './sip-js';
import { UserAgent } from './user-agent';

/** User part of this side's Contact. */
const user = 'outdial';
/** A server that has answered nothing to a request by then is down: retransmissions after 0.5, 1.5 and 3.5 s have had their chance. */
const answerMs = 4_000;
/** A server that is down is asked again so often, or as often as ever. */
const downMs = 5_000;
/** A server that is never asked, and has answered nothing when it was called, is not called for so long. */
const unansweredMs = 30_000;

export class SipLink {
  readonly sipJs: SipJs;
  readonly #server: SipServer;
  readonly #settings: SipSettings;
  /** Who hears of responses to an INVITE, by Call-ID. */
  readonly #invites = new Map<string, (message: IncomingResponseMessage) => void>();
  #channel: Channel | undefined;
  #openedAt = 0;
  #agent: UserAgent | undefined;
  /** Called when the server is found to be down, or to be there. */
  onChange: () => void = () => undefined;
  #isUp = false;
  #isDown = false;
  #checking: Promise<boolean> | undefined;
  /** Ends the waiting for an answer to OPTIONS. */
  #giveUp: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(sipJs: SipJs, server: SipServer, settings: SipSettings) {
    this.sipJs = sipJs;
    this.#server = server;
    this.#settings = settings;
    void this.#check();
  }

  /** Whether the server answered when it was asked or called last; right after the start, once it has had its time. */
  async isUp(): Promise<boolean> {
    return this.#isUp || (this.#checking ?? false);
  }

  /** Known not to be there; not while its first answer, or a connection that is opened again at once, is waited for. */
  get isDown(): boolean {
    return this.#isDown;
  }

  /** User agent towards a server that is up. */
  get agent(): UserAgent {
    return this.#agent!;
  }

  /** IPv4 address of this side. */
  get host(): string {
    return this.#settings.host ?? this.#channel?.local.address ?? '127.0.0.1';
  }

  /** Host part of the caller's and the callee's addresses. */
  get domain(): string {
    return this.#settings.domain ?? this.#server.address.host;
  }

  /** Where in-dialog requests reach this side. */
  get contact(): string {
    return `Contact: ${this.agent.core.configuration.contact.toString({})}`;
  }

  /** A request to a user at the server. */
  requestTo(
    method: string,
    callee: string,
    caller: string,
    options: object,
    headers: string[],
    sdp?: string,
  ): OutgoingRequestMessage {
    const { URI } = this.sipJs;
    const { host, port, transport } = this.#server.address;
    const target = new URI(
      'sip',
      callee,
      host,
      port === 5_060 ? undefined : port,
      transport === 'tcp' ? { transport } : {},
    );
    return this.agent.core.makeOutgoingRequestMessage(
      method,
      target,
      new URI('sip', caller, this.domain),
      new URI('sip', callee, this.domain),
      options,
      [this.contact, ...headers],
      sdp === undefined ? undefined : { content: sdp, contentType: 'application/sdp', contentDisposition: 'session' },
    );
  }

  /** Passes on responses to an INVITE, also those that SIP.js drops: ringing without a Contact or a tag. */
  watchInvite(callId: string, onResponse: (message: IncomingResponseMessage) => void): () => void {
    const timer = setTimeout(() => this.#ignored(), answerMs).unref();
    this.#invites.set(callId, (message) => {
      clearTimeout(timer);
      onResponse(message);
    });
    return () => {
      clearTimeout(timer);
      this.#invites.delete(callId);
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#giveUp?.();
    clearTimeout(this.#timer);
    this.#agent?.close();
    this.#channel?.close();
  }

  /** The server has answered nothing to an INVITE: no further dial goes there before it has answered OPTIONS, where it is ever asked. */
  #ignored(): void {
    if (this.#isNeverAsked) return this.#downFor(unansweredMs);
    this.#isUp = false;
    void this.#check();
  }

  get #isNeverAsked(): boolean {
    return this.#settings.keepAliveMs === 0;
  }

  /** Asks the server whether it is there, and again after a while. */
  #check(): Promise<boolean> {
    return (this.#checking ??= this.#ask().then((isUp) => {
      this.#checking = undefined;
      this.#isUp = isUp && !this.#isClosed;
      if (!this.#isUp) this.#downFor(this.#retryMs);
      else if (!this.#isNeverAsked) this.#checkAfter(this.#settings.keepAliveMs);
      if (this.#isUp) this.#markDown(false);
      return this.#isUp;
    }));
  }

  get #retryMs(): number {
    return this.#isNeverAsked ? downMs : Math.min(this.#settings.keepAliveMs, downMs);
  }

  #downFor(ms: number): void {
    this.#isUp = false;
    if (ms > 0) this.#markDown(true);
    this.#checkAfter(ms);
  }

  #markDown(isDown: boolean): void {
    if (isDown === this.#isDown) return;
    this.#isDown = isDown;
    this.onChange();
  }

  #checkAfter(ms: number): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => void this.#check(), ms);
    this.#timer.unref();
  }

  async #ask(): Promise<boolean> {
    try {
      await this.#open();
    } catch {
      return false;
    }
    if (this.#isClosed || this.#isNeverAsked) return !this.#isClosed;
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), answerMs);
      this.#giveUp = () => {
        clearTimeout(timer);
        resolve(false);
      };
      const settle = ({ message }: { readonly message: IncomingResponseMessage }): void => {
        clearTimeout(timer);
        // SIP.js answers in a server's stead where there is none: without a Via.
        resolve(message.viaBranch !== undefined && message.statusCode !== 503);
      };
      const delegate = { onAccept: settle, onRedirect: settle, onReject: settle };
      try {
        this.agent.core.request(this.requestTo('OPTIONS', user, user, {}, ['Accept: application/sdp']), delegate);
      } catch {
        this.#giveUp();
      }
    });
  }

  async #open(): Promise<void> {
    if (this.#channel) return;
    const channel = await openChannel(this.#server.via, {
      onMessage: (text) => this.#agent?.receive(text),
      onLost: () => this.#lost(channel),
    });
    if (this.#isClosed) return channel.close();
    this.#channel = channel;
    this.#openedAt = performance.now();
    const { credentials } = this.#settings;
    const { route } = this.#server;
    if (this.#agent) {
      // Live calls go on with the same user agent; what is new is where it is reached.
      this.#agent.core.configuration.contact.uri.port = channel.local.port;
      return;
    }
    this.#agent = new UserAgent(this.sipJs, () => this.#channel, {
      user,
      host: this.host,
      port: channel.local.port,
      ...(credentials && { credentials }),
      ...(route !== undefined && { route }),
      onResponse: (message) => {
        if (this.#isNeverAsked) {
          this.#isUp = true;
          this.#markDown(false);
        }
        if (message.method === 'INVITE') this.#invites.get(message.callId)?.(message);
      },
    });
  }

  /** TCP connections are opened anew with the next check. A UDP socket stays: its server may come back. */
  #lost(channel: Channel): void {
    this.#isUp = false;
    this.#giveUp?.();
    if (channel.protocol === 'UDP') return this.#downFor(this.#isNeverAsked ? unansweredMs : this.#retryMs);
    this.#channel = undefined;
    // Where nothing is said for long, many servers close the connection and take the next one.
    const isOld = performance.now() - this.#openedAt > downMs;
    this.#downFor(isOld ? 0 : this.#retryMs);
  }
}
