/** The way to one server: a channel, the user agent that speaks on it, and whether the server is there. */
import type { IncomingResponseMessage, OutgoingRequestMessage } from 'sip.js/lib/core';
import { type Channel, openChannel } from './channel';
import type { SipServer, SipSettings } from './options';
import type { SipJs } from './sip-js';
import { UserAgent } from './user-agent';

/** User part of this side's Contact. */
const user = 'outdial';
/** A server that has not answered OPTIONS by then is down: retransmissions after 0.5, 1.5 and 3.5 s have had their chance. */
const answerMs = 4_000;
/** A server that is down is asked again so often, or as often as ever. */
const downMs = 5_000;

export class SipLink {
  readonly sipJs: SipJs;
  readonly #server: SipServer;
  readonly #settings: SipSettings;
  /** Who hears of responses to an INVITE, by Call-ID. */
  readonly #invites = new Map<string, (message: IncomingResponseMessage) => void>();
  #channel: Channel | undefined;
  #agent: UserAgent | undefined;
  #isUp = false;
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

  /** Whether the server answered when it was asked last; right after the start, once it has had its time. */
  async isUp(): Promise<boolean> {
    return this.#isUp || (this.#checking ?? false);
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
    const contact = `Contact: ${this.agent.core.configuration.contact.toString({})}`;
    return this.agent.core.makeOutgoingRequestMessage(
      method,
      target,
      new URI('sip', caller, this.domain),
      new URI('sip', callee, this.domain),
      options,
      [contact, ...headers],
      sdp === undefined ? undefined : { content: sdp, contentType: 'application/sdp', contentDisposition: 'session' },
    );
  }

  /** Passes on responses to an INVITE, also those that SIP.js drops: ringing without a Contact or a tag. */
  watchInvite(callId: string, onResponse: (message: IncomingResponseMessage) => void): () => void {
    this.#invites.set(callId, onResponse);
    return () => void this.#invites.delete(callId);
  }

  close(): void {
    this.#isClosed = true;
    this.#giveUp?.();
    clearTimeout(this.#timer);
    this.#agent?.close();
    this.#channel?.close();
  }

  /** Asks the server whether it is there, and again after a while. */
  #check(): Promise<boolean> {
    return (this.#checking ??= this.#ask().then((isUp) => {
      this.#checking = undefined;
      this.#isUp = isUp && !this.#isClosed;
      if (this.#isClosed) return false;
      const { keepAliveMs } = this.#settings;
      this.#timer = setTimeout(() => void this.#check(), isUp ? keepAliveMs : Math.min(keepAliveMs, downMs));
      this.#timer.unref();
      return isUp;
    }));
  }

  async #ask(): Promise<boolean> {
    try {
      await this.#open();
    } catch {
      return false;
    }
    if (this.#isClosed) return false;
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
        if (message.method === 'INVITE') this.#invites.get(message.callId)?.(message);
      },
    });
  }

  /** TCP connections are opened anew with the next check, which is due at once. A UDP socket stays: its server may come back. */
  #lost(channel: Channel): void {
    this.#isUp = false;
    if (channel.protocol === 'TCP') this.#channel = undefined;
    this.#giveUp?.();
    if (this.#isClosed || this.#checking) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), Math.min(this.#settings.keepAliveMs, downMs));
    this.#timer.unref();
  }
}
