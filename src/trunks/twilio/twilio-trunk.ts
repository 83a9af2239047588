/** Calls over Twilio, and over APIs that are compatible with it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { dialKey } from '../../contract';
import type { DialRequest, Trunk } from '../trunk';
import { TwilioApi, TwilioError } from './api';
import { type CallResource, lineFault, refusalOf } from './call-resource';
import { lookUp } from './look-up';
import { readOptions, type TwilioTrunkOptions } from './options';
import { Poller } from './poller';
import { type CallHost, TwilioCall } from './twilio-call';
import { hold, ringSeconds, twilioDigits } from './twiml';

/** A dial is noted before it is requested: never longer than half of the longest heartbeat timeout, and a request. */
const findWithinMs = 180_000;
/** Twilio tells whole seconds, and the clocks of two workers differ. */
const clockSlackMs = 5_000;
/** So many calls of this process are known apart from those of others; a worker has 1,000 lines at most. */
const maxKnown = 10_000;
const closeWithinMs = 10_000;

/** Makes a {@link TwilioTrunk}. @throws RangeError, TypeError that names the wrong option */
export function twilioTrunk(options: TwilioTrunkOptions): TwilioTrunk {
  return new TwilioTrunk(options);
}

/** A trunk on an account of Twilio's. Its calls outlive the process, and are found again. docs/guides/twilio.md */
export class TwilioTrunk implements Trunk {
  readonly name = 'twilio';

  /** Where the TwiML of all calls is; absent where calls name it, or the application talks. */
  readonly url?: string;

  readonly #host: CallHost;
  readonly #live = new Set<TwilioCall>();
  /** What this process has placed or found, by SID: the dial, and its call. */
  readonly #known = new Map<string, { readonly key: string; readonly call: TwilioCall }>();
  readonly #closing = new AbortController();
  readonly #reported = new Map<string, string>();

  /** @throws RangeError, TypeError that names the wrong option */
  constructor(options: TwilioTrunkOptions) {
    const settings = readOptions(options);
    const api = new TwilioApi(settings);
    const poller = new Poller(api, settings.pollMs, (problem) => this.#report('poll', problem));
    this.#host = { api, poller, settings, closing: this.#closing.signal };
    if (settings.url !== 'startUrl') this.url = settings.url;
  }

  /** Requests the call. A request whose answer is lost is never repeated before the call was looked for. */
  place(request: DialRequest): TwilioCall {
    const call = this.#newCall(request);
    void this.#create(request, call);
    return call;
  }

  /**
   * Twilio gives back no key of ours: a call is known by its two numbers, and by when it was made. The one that was made closest to
   * `dialedAt` is taken, whether it lives or has ended; another call between the two numbers in the same seconds may be mistaken
   * for it.
   *
   * @throws TwilioError where the API can't be asked
   */
  async find(request: DialRequest, dialedAt: number): Promise<TwilioCall | undefined> {
    const found = await this.#look(request, dialedAt);
    if (!found) return undefined;
    const known = this.#known.get(found.sid);
    if (known) return known.call;
    const call = this.#newCall(request);
    this.#follow(request, call, found);
    return call;
  }

  /** Hangs up every live call, for 10 s at most. */
  async close(): Promise<void> {
    this.#closing.abort();
    const over = new AbortController();
    const late = sleep(closeWithinMs, undefined, { signal: over.signal }).catch(() => undefined);
    await Promise.race([Promise.all([...this.#live].map((call) => call.hangUp())), late]);
    over.abort();
    this.#host.poller.close();
    await this.#host.api.close();
    for (const call of this.#live) call.leg.abandon();
  }

  #newCall(request: DialRequest): TwilioCall {
    const call = new TwilioCall(this.#host, request);
    this.#live.add(call);
    void call.ended.then(() => this.#live.delete(call));
    return call;
  }

  /** Never rejects. */
  async #create(request: DialRequest, call: TwilioCall): Promise<void> {
    const dialedAt = Date.now();
    if (this.#closing.signal.aborted) return call.leg.end(lineFault('the trunk is closed'));
    if (this.#host.settings.url === 'startUrl' && request.startUrl === undefined)
      return call.leg.end(lineFault('the trunk runs the startUrl of calls, and the call names none'));
    try {
      this.#follow(request, call, await this.#host.api.create(this.#form(request)));
    } catch (error) {
      const { failure, message, status, code } = error as TwilioError;
      if (!(error instanceof TwilioError)) return call.leg.end(lineFault((error as Error).message));
      if (failure === 'lost') return this.#lookUp(request, call, dialedAt, message);
      const end = failure === 'refused' ? refusalOf(status!, code) : lineFault(message);
      if (end.outcome === 'line-fault') this.#report('create', `calls can't be placed: ${message}`);
      call.leg.end(end);
    }
  }

  /** The call may have been made, or not: until the API has said so, nothing is dialed. */
  async #lookUp(request: DialRequest, call: TwilioCall, dialedAt: number, why: string): Promise<void> {
    const found = await lookUp(() => this.#look(request, dialedAt), {
      pollMs: this.#host.settings.pollMs,
      closing: this.#closing.signal,
      onFailed: (problem) => this.#report('create', `a call whose request failed can't be looked for: ${problem}`),
    });
    if (found) return this.#follow(request, call, found);
    // Whatever was made of it, nobody is left to hear of it.
    if (this.#closing.signal.aborted) return call.leg.abandon();
    this.#report('create', `calls can't be placed: ${why}`);
    call.leg.end(lineFault(`${why}; no call was made`));
  }

  /** The call of a dial that was noted at `dialedAt`, unless it is known as another dial's. */
  async #look({ callId, attempt, destination, ani }: DialRequest, dialedAt: number): Promise<CallResource | undefined> {
    const listed = await this.#host.api.list({ To: destination, From: ani });
    const key = dialKey(callId, attempt);
    const isOthers = ({ sid }: CallResource): boolean => (this.#known.get(sid)?.key ?? key) !== key;
    const awayFrom = ({ date_created }: CallResource): number =>
      Date.parse(date_created ?? '') - (dialedAt + this.#host.api.aheadMs);
    const matching = listed.filter((call) => {
      const ms = awayFrom(call);
      const isOurs =
        call.to === destination && call.from === ani && /^outbound(-api)?$/.test(call.direction ?? 'outbound');
      return isOurs && ms >= -clockSlackMs && ms <= findWithinMs && !isOthers(call);
    });
    return matching.sort((a, b) => Math.abs(awayFrom(a)) - Math.abs(awayFrom(b)))[0];
  }

  #follow({ callId, attempt }: DialRequest, call: TwilioCall, resource: CallResource): void {
    const { sid } = resource;
    this.#known.set(sid, { key: dialKey(callId, attempt), call });
    if (this.#known.size > maxKnown) this.#known.delete(this.#known.keys().next().value!);
    call.leg.begin(resource);
    this.#report('create', undefined);
  }

  #form(request: DialRequest): Record<string, string | undefined> {
    const { machineDetection, machineDetectionTimeoutMs } = this.#host.settings;
    const { destination, ani, ringTimeoutMs, postd } = request;
    const detects = machineDetection !== 'off' && postd === undefined;
    const url = this.#urlFor(request);
    return {
      To: destination,
      From: ani,
      ...(url === undefined ? { Twiml: hold() } : { Url: url }),
      Timeout: ringSeconds(ringTimeoutMs),
      SendDigits: postd && twilioDigits(postd),
      ...(detects && {
        MachineDetection: machineDetection,
        MachineDetectionTimeout: String(Math.round(machineDetectionTimeoutMs / 1_000)),
      }),
    };
  }

  /** Whoever serves the TwiML learns which dial it is for. */
  #urlFor({ callId, attempt, startUrl }: DialRequest): string | undefined {
    const text = this.#host.settings.url === 'startUrl' ? startUrl : this.#host.settings.url;
    if (text === undefined) return undefined;
    const url = new URL(text);
    url.searchParams.set('outdialCallId', callId);
    url.searchParams.set('outdialAttempt', String(attempt));
    return url.href;
  }

  /** Says what is wrong once, until it is right again. */
  #report(what: string, problem: string | undefined): void {
    if (problem !== undefined && this.#reported.get(what) !== problem)
      this.#host.settings.log(`Twilio trunk: ${problem}`);
    if (problem === undefined) this.#reported.delete(what);
    else this.#reported.set(what, problem);
  }
}
