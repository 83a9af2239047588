/** All legs of a trunk: who gets which event, and what follows when the connection to Asterisk is lost and comes back. */
import { AriClient } from './ari-client';
import type { AriChannel, AriEvent } from './ari-messages';
import { type Leg, type LegHost } from './leg';
import type { AsteriskSettings } from './options';

/** Channels in one request for events: its length has a limit. */
const subscribedAtOnce = 50;

/** Closing waits so long for calls to be hung up. */
const hangUpMs = 5_000;

export class Legs implements LegHost {
  readonly ari: AriClient;
  readonly #legs = new Map<string, Leg>();
  /** Paths of what is to be removed as soon as Asterisk can be reached. */
  readonly #discarded = new Set<string>();
  /** Removals of what ended calls have left at Asterisk. */
  readonly #cleanUps = new Set<Promise<void>>();
  #discarding: Promise<void> = Promise.resolve();

  constructor(settings: AsteriskSettings) {
    this.ari = new AriClient(settings, {
      onEvent: (event) => this.#pass(event),
      onConnected: () => this.#catchUp(),
      onGivenUp: () => {
        for (const leg of [...this.#legs.values()]) leg.giveUp();
      },
    });
  }

  add(leg: Leg): void {
    this.#legs.set(leg.id, leg);
    void leg.ended.then(() => this.#legs.delete(leg.id));
  }

  discard(path: string): void {
    this.#discarded.add(path);
    void this.#removeDiscarded();
  }

  async isClear(path: string): Promise<boolean> {
    await this.#removeDiscarded();
    return !this.#discarded.has(path);
  }

  /** A call is over before this is: nobody is waited for, but by {@link close}. */
  cleanUp(removal: Promise<void>): void {
    this.#cleanUps.add(removal);
    void removal.then(() => this.#cleanUps.delete(removal));
  }

  /** Hangs up what an earlier process left around a call: its sound, and whom it was being transferred to. */
  async sweep(id: string): Promise<void> {
    const { body = [] } = await this.ari.get<AriChannel[]>('/channels');
    const left = body.map((channel) => channel.id).filter((other) => other.startsWith(`${id}-`));
    await Promise.all(left.map((other) => this.ari.delete(`/channels/${other}`)));
  }

  async close(): Promise<void> {
    const legs = [...this.#legs.values()];
    const giveUp = (): void => legs.forEach((leg) => leg.giveUp());
    // Asterisk itself ends what it can't be asked to end: sound that stops, ring timeouts.
    const timer = setTimeout(giveUp, this.ari.problem === undefined ? hangUpMs : 0);
    await Promise.all(legs.map((leg) => leg.hangUp()));
    clearTimeout(timer);
    await Promise.all(this.#cleanUps);
    await this.#discarding;
    await this.ari.close();
  }

  #pass(event: AriEvent): void {
    const id = (event.channel ?? event.peer)?.id;
    if (id !== undefined) this.#legs.get(id)?.handle(event);
  }

  /** First the events, then the look: nothing can happen between the two that neither shows. */
  async #catchUp(): Promise<void> {
    await this.#removeDiscarded();
    const legs = [...this.#legs.values()];
    for (let i = 0; i < legs.length; i += subscribedAtOnce) {
      const eventSource = legs.slice(i, i + subscribedAtOnce).map(({ id }) => `channel:${id}`);
      await Promise.all(
        eventSource.map((source) =>
          this.ari.post(`/applications/${this.ari.app}/subscription`, { eventSource: source }),
        ),
      );
    }
    await Promise.all(legs.map((leg) => leg.catchUp()));
  }

  /** One round after the other: none of them may meet a channel that was made after it began. */
  #removeDiscarded(): Promise<void> {
    this.#discarding = this.#discarding.then(async () => {
      const remove = async (path: string): Promise<void> => {
        const { ok, status } = (await this.#isOthers(path)) ? { ok: true } : await this.ari.delete(path);
        if (ok || status === 404) this.#discarded.delete(path);
      };
      await Promise.all([...this.#discarded].map(remove));
    });
    return this.#discarding;
  }

  /** After a line fault another process may dial for the same attempt: its channel has the same id. */
  async #isOthers(path: string): Promise<boolean> {
    const { body } = await this.ari.get<AriChannel>(path);
    const app = body?.dialplan?.app_data;
    return app !== undefined && app !== '' && app !== this.ari.app;
  }
}
