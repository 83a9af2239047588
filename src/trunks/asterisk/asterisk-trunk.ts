/** A trunk through Asterisk: its REST interface dials, and the sound of calls comes over WebSockets, or in RTP. */
import type { DialRequest, Trunk } from '../trunk';
import { AsteriskCall } from './asterisk-call';
import { Leg } from './leg';
import { Legs } from './legs';
import {
  type AsteriskSettings,
  type AsteriskTimes,
  type AsteriskTrunkOptions,
  channelId,
  endpointOf,
  readOptions,
} from './options';

/** Makes an {@link AsteriskTrunk}. It connects at once, and again whenever the connection is lost. */
export function asteriskTrunk(options: AsteriskTrunkOptions): AsteriskTrunk {
  return new AsteriskTrunk(options);
}

/** Dials through Asterisk. While it can't, every dial is a line fault, which costs no attempt. */
export class AsteriskTrunk implements Trunk {
  readonly name = 'asterisk';
  readonly #settings: AsteriskSettings;
  readonly #legs: Legs;

  /**
   * @param times - for tests
   *
   * @throws TypeError that names the wrong option
   */
  constructor(options: AsteriskTrunkOptions, times?: Partial<AsteriskTimes>) {
    this.#settings = readOptions(options, times);
    this.#legs = new Legs(this.#settings);
  }

  /** Why no call can be placed now; undefined while all is well. */
  get problem(): string | undefined {
    return this.#legs.ari.problem;
  }

  /** Calls `onChange` whenever {@link problem} changes. @returns what ends it */
  watchProblem(onChange: () => void): () => void {
    return this.#legs.ari.service.watch(onChange);
  }

  place(request: DialRequest): AsteriskCall {
    const leg = this.#leg(request);
    const call = this.#call(request, leg, false);
    const { destination, ani, ringTimeoutMs } = request;
    const endpoint = endpointOf(this.#settings.endpoint, destination);
    void leg.place({ endpoint, callerId: ani, ringTimeoutMs });
    return call;
  }

  /**
   * Takes a call up that an earlier worker dialed: ringing or answered, Asterisk has it by its id. What that worker was about with it
   * is ended; the callee stays.
   *
   * @throws Error while Asterisk can't be asked: the call may be alive
   */
  async find(request: DialRequest): Promise<AsteriskCall | undefined> {
    await this.#legs.ari.tried;
    if (this.problem !== undefined)
      throw new Error(`asterisk: the call of an earlier worker can't be looked for: ${this.problem}`);
    const leg = this.#leg(request);
    await this.#legs.sweep(leg.id);
    if (await leg.takeUp(request.ringTimeoutMs)) return this.#call(request, leg, leg.isAnswered);
    await this.#legs.ari.delete(`/bridges/${leg.id}`);
    return undefined;
  }

  /** Hangs up all calls and disconnects. */
  async close(): Promise<void> {
    await this.#legs.close();
  }

  #leg(request: DialRequest): Leg {
    return new Leg(channelId(this.#settings.app, request), this.#legs);
  }

  #call(request: DialRequest, leg: Leg, isTakenUpAnswered: boolean): AsteriskCall {
    return new AsteriskCall({ request, settings: this.#settings, legs: this.#legs, leg, isTakenUpAnswered });
  }
}
