/**
 * Twilio's Calls API on loopback, as it is published: https://www.twilio.com/docs/voice/api/call-resource. Callees are scripted
 * by number, and the network's own ledger says what really rang.
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const accountSid = 'AC0123456789abcdef0123456789abcdef';
export const authToken = 'f0e1d2c3b4a5968778695a4b3c2d1e0f';
export const ani = '+16175550100';

/** What a dial meets. Times in milliseconds. */
export interface Callee {
  readonly queuedMs?: number;
  readonly ringMs?: number;
  /** Final status; after an answer it is `completed`. */
  readonly ends?: 'busy' | 'no-answer' | 'failed' | 'canceled';
  /** When detection is done, and what it says. */
  readonly answeredBy?: string;
  readonly detectedMs?: number;
  /** Infinity: until somebody hangs up. */
  readonly talkMs?: number;
  readonly sip?: number;
}

/** What the server does to a request in place of answering it. `after`: it has done what was asked. */
export type Mishap =
  | { readonly close: 'before' | 'after' }
  | { readonly status: number; readonly code?: number; readonly retryAfter?: string; readonly done?: boolean }
  | { readonly body: string }
  | { readonly delayMs: number };

export interface LocalCall {
  readonly sid: string;
  readonly to: string;
  readonly from: string;
  readonly form: URLSearchParams;
  readonly callee: Callee;
  readonly createdAt: number;
  readonly direction: string;
  /** Of a call that a `<Dial>` has made. */
  readonly parentSid: string | null;
  status: string;
  answeredBy: string | null;
  rang: boolean;
  answered: boolean;
  /** Updates that it got. */
  readonly updates: URLSearchParams[];
}

export interface LoggedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
  readonly at: number;
}

const live = ['queued', 'ringing', 'in-progress'];

export class LocalTwilio {
  readonly calls: LocalCall[] = [];
  readonly requests: LoggedRequest[] = [];
  /** By number: what the first, second, third … dial meets; the last one stays. */
  readonly callees = new Map<string, readonly Callee[]>();
  /** Asked for each request before it is answered. */
  mishap: (request: LoggedRequest) => Mishap | undefined = () => undefined;
  /** Largest page that it gives. */
  maxPageSize = 1_000;
  /** Calls that lists do not show yet. */
  readonly hidden = new Set<string>();
  /** As compatible APIs may do: lists know no `ParentCallSid`. */
  listsAllCalls = false;
  /** Who was dialed by a call stays when it ends. */
  leavesChildren = false;
  private readonly timers = new Set<NodeJS.Timeout>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<LocalTwilio> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const twilio = new LocalTwilio(server);
    server.on('request', (request, response) => void twilio.receive(request, response));
    return twilio;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearTimeout(timer);
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Requests that created calls, or tried to. */
  get creates(): LoggedRequest[] {
    return this.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/Calls.json'));
  }

  /** Calls that the `<Dial>` of another one has made. */
  get children(): LocalCall[] {
    return this.calls.filter(({ parentSid }) => parentSid !== null);
  }

  /** A call of somebody else's, or of another process. */
  addCall(to: string, from: string, more: Partial<LocalCall> = {}): LocalCall {
    const call: LocalCall = {
      sid: `CA${randomBytes(16).toString('hex')}`,
      to,
      from,
      form: new URLSearchParams(),
      callee: {},
      createdAt: Date.now(),
      direction: 'outbound-api',
      parentSid: null,
      status: 'queued',
      answeredBy: null,
      rang: false,
      answered: false,
      updates: [],
      ...more,
    };
    this.calls.push(call);
    return call;
  }

  /** Ends a call, and those whom it dials. */
  finish(call: LocalCall, status: string): void {
    if (!live.includes(call.status)) return;
    call.status = status;
    if (!this.leavesChildren) this.finishChildren(call);
  }

  private finishChildren({ sid }: LocalCall): void {
    for (const child of this.calls.filter(({ parentSid }) => parentSid === sid))
      this.finish(child, child.answered ? 'completed' : 'no-answer');
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url!, this.baseUrl);
    const form = new URLSearchParams(Buffer.concat(chunks).toString());
    const logged = { method: request.method!, path: pathname, query: searchParams, form, at: Date.now() };
    this.requests.push(logged);
    const mishap = this.mishap(logged);
    if (mishap && 'close' in mishap) {
      if (mishap.close === 'after') this.answer(request, logged);
      request.socket.destroy();
      return;
    }
    if (mishap && 'status' in mishap) {
      if (mishap.done) this.answer(request, logged);
      if (mishap.retryAfter !== undefined) response.setHeader('retry-after', mishap.retryAfter);
      this.write(response, ...refusal(mishap.status, mishap.code ?? 20429, 'as the test says'));
      return;
    }
    const [status, body] = this.answer(request, logged);
    if (mishap && 'body' in mishap) {
      response.writeHead(status, { 'content-type': 'application/json' }).end(mishap.body);
      return;
    }
    if (mishap) this.after(mishap.delayMs, () => this.write(response, status, body));
    else this.write(response, status, body);
  }

  private write(response: ServerResponse, status: number, body: unknown): void {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private answer(request: IncomingMessage, { method, path, query, form }: LoggedRequest): [number, unknown] {
    const given = Buffer.from(request.headers.authorization?.replace(/^Basic /, '') ?? '', 'base64').toString();
    if (given !== `${accountSid}:${authToken}` && given !== 'SK01:secret')
      return refusal(401, 20003, 'Authentication Error - invalid username');
    const root = `/2010-04-01/Accounts/${accountSid}/Calls`;
    if (path === `${root}.json`) return method === 'POST' ? this.create(form) : this.list(query, root);
    const call = this.calls.find(({ sid }) => path === `${root}/${sid}.json`);
    if (!call) return refusal(404, 20404, `The requested resource ${path} was not found`);
    return method === 'POST' ? this.update(call, form) : [200, resource(call)];
  }

  private create(form: URLSearchParams): [number, unknown] {
    const to = form.get('To') ?? '';
    if (!isNumber(to)) return refusal(400, 21211, `The 'To' number ${to} is not a valid phone number.`);
    if (form.get('From') !== ani) return refusal(400, 21210, 'The source phone number provided is not yet verified');
    if (!form.has('Url') && !form.has('Twiml')) return refusal(400, 21205, 'Url parameter is required.');
    return [201, resource(this.place(to, { form }))];
  }

  private place(to: string, more: Partial<LocalCall>): LocalCall {
    const earlier = this.calls.filter((call) => call.to === to).length;
    const script = this.callees.get(to) ?? [{}];
    const call = this.addCall(to, ani, { callee: script[Math.min(earlier, script.length - 1)]!, ...more });
    this.after(call.callee.queuedMs ?? 0, () => this.ring(call));
    return call;
  }

  /** https://www.twilio.com/docs/voice/twiml/dial: no call is made to what is no number. */
  private dial({ sid }: LocalCall, twiml: string): void {
    const [, callerId, timeout, to = ''] = /<Dial callerId="(.*?)" timeout="(\d+)">(.*?)<\/Dial>/.exec(twiml) ?? [];
    if (callerId !== ani || !isNumber(to)) return;
    const child = this.place(to, { parentSid: sid, direction: 'outbound-dial' });
    this.after(Number(timeout) * 1_000, () => child.answered || this.finish(child, 'no-answer'));
  }

  private ring(call: LocalCall): void {
    const { ringMs = 0, ends, answeredBy, detectedMs = 0, talkMs = 100 } = call.callee;
    if (!live.includes(call.status)) return;
    if (ends === undefined || ends === 'no-answer') [call.status, call.rang] = ['ringing', true];
    this.after(ringMs, () => {
      if (!live.includes(call.status)) return;
      if (ends) return this.finish(call, ends);
      [call.status, call.answered] = ['in-progress', true];
      if (answeredBy && call.form.has('MachineDetection') && !call.form.has('SendDigits'))
        this.after(detectedMs, () => live.includes(call.status) && (call.answeredBy = answeredBy));
      if (talkMs !== Infinity) this.after(talkMs, () => this.finish(call, 'completed'));
    });
  }

  private update(call: LocalCall, form: URLSearchParams): [number, unknown] {
    call.updates.push(form);
    if (!live.includes(call.status)) return refusal(400, 21220, 'Call is not in-progress. Cannot redirect.');
    const status = form.get('Status');
    if (status === 'completed') this.finish(call, call.answered ? 'completed' : 'canceled');
    // Who is dialed by a call counts as in progress.
    if (status === 'canceled' && !call.answered && call.parentSid === null) this.finish(call, 'canceled');
    const twiml = form.get('Twiml');
    if (twiml === null) return [200, resource(call)];
    if (!call.answered) return refusal(400, 21220, 'Call is not in-progress. Cannot redirect.');
    this.finishChildren(call);
    this.dial(call, twiml);
    return [200, resource(call)];
  }

  private list(query: URLSearchParams, root: string): [number, unknown] {
    const { To, From, Status, ParentCallSid, PageSize = '50', Page = '0' } = Object.fromEntries(query);
    const size = Math.min(this.maxPageSize, Number(PageSize));
    const page = Number(Page);
    const found = this.calls
      .filter((call) => !this.hidden.has(call.sid))
      .filter(({ to, from, status }) => (To ?? to) === to && (From ?? from) === from && (Status ?? status) === status)
      .filter(({ parentSid }) => this.listsAllCalls || (ParentCallSid ?? parentSid) === parentSid)
      .reverse();
    const calls = found.slice(page * size, (page + 1) * size).map(resource);
    const next = new URLSearchParams(
      [...query.entries(), ['Page', String(page + 1)]].filter(
        ([name], index, all) => all.findLastIndex(([other]) => other === name) === index,
      ) as [string, string][],
    );
    const hasNext = found.length > (page + 1) * size;
    return [200, { calls, page, page_size: size, next_page_uri: hasNext ? `${root}.json?${next}` : null }];
  }

  private after(ms: number, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, ms);
    this.timers.add(timer);
  }
}

function isNumber(to: string): boolean {
  return /^\+[1-9]\d{6,14}$/.test(to);
}

function refusal(status: number, code: number, message: string): [number, unknown] {
  return [status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status }];
}

/** All fields, as documented. */
function resource(call: LocalCall): unknown {
  const ended = !live.includes(call.status);
  return {
    account_sid: accountSid,
    annotation: null,
    answered_by: call.answeredBy,
    api_version: '2010-04-01',
    caller_name: null,
    date_created: rfc2822(call.createdAt),
    date_updated: rfc2822(Date.now()),
    direction: call.direction,
    duration: call.status === 'completed' ? '15' : null,
    end_time: ended ? rfc2822(Date.now()) : null,
    forwarded_from: null,
    from: call.from,
    from_formatted: call.from,
    group_sid: null,
    parent_call_sid: call.parentSid,
    phone_number_sid: null,
    price: null,
    price_unit: 'USD',
    queue_time: '0',
    sid: call.sid,
    start_time: call.rang ? rfc2822(call.createdAt) : null,
    status: call.status,
    subresource_uris: {},
    to: call.to,
    to_formatted: call.to,
    trunk_sid: null,
    uri: `/2010-04-01/Accounts/${accountSid}/Calls/${call.sid}.json`,
    ...(ended && call.callee.sip !== undefined && { sip_result_code: String(call.callee.sip) }),
  };
}

/** `Tue, 31 Aug 2010 20:36:28 +0000` */
function rfc2822(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}
