/** What ARI says. */

/** A channel, as far as it matters here. */
export interface AriChannel {
  readonly id: string;
  readonly state: string;
  /** `2026-11-23T12:03:50.304+0000`. */
  readonly creationtime?: string;
  /** What the channel is at; `app_data` is the ARI application that holds it. */
  readonly dialplan?: { readonly app_data?: string };
  readonly channelvars?: Readonly<Record<string, string>>;
}

/** An event, as far as it matters here. */
export interface AriEvent {
  readonly type: string;
  readonly channel?: AriChannel;
  /** Of `Dial`: the channel that is dialed. */
  readonly peer?: AriChannel;
  /** Of `Dial`: empty at its start, then `RINGING`, `PROGRESS`, `ANSWER`, `BUSY` … */
  readonly dialstatus?: string;
  /** Of `ChannelDestroyed`: Q.850's value, its text, and the technology's own: of SIP the status. */
  readonly cause?: number;
  readonly cause_txt?: string;
  readonly tech_cause?: number;
  readonly digit?: string;
  readonly eventname?: string;
}

/** What became of a request. */
export interface AriAnswer<T = unknown> {
  /** HTTP's; `unsent` where the request can't have reached Asterisk, `lost` where it may have. */
  readonly status: number | 'unsent' | 'lost';
  /** 2xx. */
  readonly ok: boolean;
  readonly body?: T;
  /** What is wrong, without numbers or secrets. */
  readonly problem?: string;
  /** Asterisk's clock, epoch milliseconds, by the second. */
  readonly at?: number;
}
