/** One live call of a service: it is asked, its verbs are run, and it is told what came of them. */
import { allowsUrl } from '../spec/allowed-url';
import type { GatherOptions, Speech } from '../trunks/trunk';
import type { ApplicationResult, LiveCall } from '../worker/application';
import { describeCall, type HttpEvent, type VerbOutcome } from './question';
import type { Service } from './service';
import type { Verb } from './verbs';

/** Requests of one live call. */
const maxRequests = 100;
/** What came of the last verbs may be told for so long after hang-up. The engine waits 1 s for an application. */
const lastWordMs = 800;

/** Asks for one thing at a time. Whatever is under way ends with the call. */
export class Conversation {
  private url: URL;
  private step = 0;
  /** The request under way. */
  private asking: Promise<void> | undefined;
  private left: Verb[] = [];
  /** Not told yet. */
  private outcomes: VerbOutcome[] = [];
  private toldCalleeType = false;
  private result: ApplicationResult | undefined;
  private readonly lastWord: LastWord;

  constructor(
    private readonly service: Service,
    private readonly call: LiveCall,
    url: string,
    private readonly speech: Speech | undefined,
  ) {
    this.url = this.allowed(new URL(url));
    this.lastWord = lastWordOn(call);
  }

  /** Resolves with the service's last `result`. @throws Error when it can't be asked, or its answer is not understood */
  async run(): Promise<ApplicationResult | undefined> {
    try {
      await this.ask('answered');
      const telling = this.tellCalleeType();
      await Promise.all([telling, this.runVerbs(telling)]);
    } finally {
      this.lastWord.stop();
    }
    return this.result;
  }

  /** Until no verb is left and the callee type is told, or the call has ended. */
  private async runVerbs(telling: Promise<void>): Promise<void> {
    while (!this.call.signal.aborted) {
      // Its answer may replace what is left.
      if (this.asking) await this.asking;
      else if (this.left.length > 0) await this.runVerb(this.left.shift()!);
      else if (this.outcomes.length > 0) await this.ask('done');
      else if (!this.toldCalleeType) await telling;
      else return;
    }
    if (this.outcomes.length > 0) await this.ask('done');
  }

  private async tellCalleeType(): Promise<void> {
    if (this.toldCalleeType) return;
    await Promise.race([this.call.calleeTypeKnown(), this.call.ended]);
    while (this.asking) await this.asking;
    if (!this.call.signal.aborted) await this.ask('callee-type');
    this.toldCalleeType = true;
  }

  private ask(event: HttpEvent): Promise<void> {
    this.asking = this.exchange(event).finally(() => (this.asking = undefined));
    return this.asking;
  }

  private async exchange(event: HttpEvent): Promise<void> {
    const { call, url } = this;
    if (++this.step > maxRequests) throw new Error(`the service was asked ${maxRequests} times, which is the most`);
    const isDone = event === 'done';
    const outcomes = isDone ? this.outcomes.splice(0) : undefined;
    const described = describeCall(call);
    if (event === 'answered') this.toldCalleeType = described.calleeType !== 'processing';
    const question = {
      ...{ event, step: this.step, call: described },
      ...(outcomes && { outcomes }),
      ...(isDone && call.signal.aborted && { ended: true as const }),
    };
    const id = `${call.callId}.${call.attempt}.${this.step}`;
    try {
      const { verbs, result } = await this.service.ask(url, id, question, isDone ? this.lastWord.signal : call.signal);
      if (result !== undefined) this.result = result;
      if (event !== 'callee-type' || verbs.length > 0) this.left = [...verbs];
    } catch (error) {
      // Nobody needs the answer any more; that something was not told does matter.
      if (isDone || !call.signal.aborted) throw error;
    }
  }

  private async runVerb(verb: Verb): Promise<void> {
    try {
      this.outcomes.push({ verb: verb.verb, ...(await this.do(verb)) });
    } catch (error) {
      if (this.call.signal.aborted) return;
      this.outcomes.push({ verb: verb.verb, error: error instanceof Error ? error.message : String(error) });
      this.left = [];
    }
  }

  private async do(verb: Verb): Promise<Partial<VerbOutcome> | void> {
    const { call } = this;
    switch (verb.verb) {
      case 'say':
        return this.say(verb.text);
      case 'play':
        return call.play({ audio: await this.service.fetchSound(this.resolve(verb.url), call.signal) });
      case 'gather':
        return { digits: await call.gather(optionsOf(verb)) };
      case 'sendDigits':
        return call.sendDigits(verb.digits);
      case 'pause':
        return call.play({ silenceMs: verb.ms });
      case 'transfer':
        return call.transfer(verb.to, { ringTimeoutMs: verb.ringTimeoutMs });
      case 'hangup':
        await call.hangUp();
        return call.ended;
      case 'redirect':
        this.url = this.resolve(verb.url);
        return undefined;
      default:
        return verb satisfies never;
    }
  }

  private async say(text: string): Promise<void> {
    if (!this.speech) return this.call.play(text);
    const audio = await Promise.race([this.speech(text), this.call.ended]);
    if (audio) await this.call.play({ audio });
  }

  /** What a service on https is told never goes over the network in clear. */
  private resolve(url: string): URL {
    const resolved = new URL(url, this.url);
    if (this.url.protocol === 'https:' && resolved.protocol !== 'https:')
      throw new Error('url: must be https, as the service is');
    return this.allowed(resolved);
  }

  private allowed(url: URL): URL {
    const { pci } = this.call;
    if (pci && !allowsUrl(pci, url.href)) throw new Error('url: is not on the allow-list of the PCI queue');
    return url;
  }
}

function optionsOf({ verb: _verb, ...options }: Extract<Verb, { verb: 'gather' }>): GatherOptions {
  return options;
}

interface LastWord {
  /** Aborted some time after the call has ended, unless stopped. */
  readonly signal: AbortSignal;
  readonly stop: () => void;
}

function lastWordOn(call: LiveCall): LastWord {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  void call.ended.then(() => {
    if (!isStopped) timer = setTimeout(() => controller.abort(), lastWordMs);
  });
  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
  };
  return { signal: controller.signal, stop };
}
