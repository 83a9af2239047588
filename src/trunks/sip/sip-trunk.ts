/** A trunk that speaks SIP and RTP in this process. */
import { Service } from '../service';
import type { DialRequest, Trunk } from '../trunk';
import type { SipLeg } from './leg';
import { readOptions, type SipSettings, type SipTrunkOptions } from './options';
import { SipCall } from './sip-call';
import type * as Stack from './stack';

/**
 * Makes a {@link SipTrunk}.
 *
 * @throws RangeError for an option that is wrong
 */
export function sipTrunk(options: SipTrunkOptions): SipTrunk {
  return new SipTrunk(options);
}

const allDown = 'No SIP server answers';
const isClosed = 'The trunk is closed';

/** What is loaded and connected when the first call is placed. */
interface Opened {
  readonly stack: typeof Stack;
  readonly links: readonly Stack.SipLink[];
}

/** A trunk to SIP servers. A call that its process does not outlive can't be found again: it has no `find`. */
export class SipTrunk implements Trunk {
  readonly name = 'sip';
  readonly #settings: SipSettings;
  readonly #live = new Set<SipCall>();
  #opened: Promise<Opened> | undefined;
  readonly #service = new Service();
  #isClosed = false;

  constructor(options: SipTrunkOptions) {
    this.#settings = readOptions(options);
  }

  /** Why no call can be placed now: no server is up, or it is closed. Before the first call nobody has asked a server. */
  get problem(): string | undefined {
    return this.#service.problem;
  }

  /** Calls `onChange` whenever {@link problem} changes. @returns what ends it */
  watchProblem(onChange: () => void): () => void {
    return this.#service.watch(onChange);
  }

  /** Sends the INVITE to the first server that is up. A trunk whose servers are all down, or that is closed, answers with a line fault. */
  place(request: DialRequest): SipCall {
    const call = new SipCall(request, this.#settings, (leg) => this.#connect(leg));
    this.#live.add(call);
    void call.ended.then(() => this.#live.delete(call));
    return call;
  }

  /** Hangs up every live call, then disconnects. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#live].map((call) => call.hangUp()));
    const opened = await this.#opened?.catch(() => undefined);
    for (const link of opened?.links ?? []) link.close();
    this.#service.problem = isClosed;
  }

  #connect(leg: SipLeg): void {
    if (this.#isClosed) leg.fail(isClosed);
    else this.#dial(leg).catch((error: unknown) => leg.fail((error as Error).message));
  }

  /** One INVITE at most: another server is tried only where the one before is known to be down, so that nobody rings twice. */
  async #dial(leg: SipLeg): Promise<void> {
    const { stack, links } = await (this.#opened ??= this.#open());
    for (const link of links) if (await link.isUp()) return leg.dial(link, stack);
    leg.fail(allDown);
  }

  async #open(): Promise<Opened> {
    const stack = await import('./stack');
    const sipJs = await stack.loadSipJs();
    const links = this.#settings.servers.map((server) => new stack.SipLink(sipJs, server, this.#settings));
    for (const link of links) {
      link.onChange = () => {
        const isDown = links.every((other) => other.isDown);
        if (!this.#isClosed) this.#service.problem = isDown ? allDown : undefined;
      };
    }
    return { stack, links };
  }
}
