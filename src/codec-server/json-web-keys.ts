/** The public keys of an issuer of tokens: a JSON Web Key Set, RFC 7517. */
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

const fetchLimitMs = 5_000;
/** Keys that the issuer has withdrawn are not trusted for longer. */
const maxAgeMs = 10 * 60_000;
/** Whoever makes key ids up must not make us ask the issuer each time. */
const cooldownMs = 10_000;

interface JsonWebKeySet {
  readonly keys: readonly (JsonWebKey & { readonly kid?: string; readonly use?: string })[];
}

export class JsonWebKeys {
  private keys: ReadonlyMap<string, KeyObject> = new Map();
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private fetching: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    /** Milliseconds. */
    private readonly now: () => number = () => performance.now(),
  ) {}

  /**
   * Fetches the set where the key is not known, or the set is old.
   *
   * @returns undefined where the issuer has no such key
   * @throws Error when the issuer does not answer
   */
  async key(id: string): Promise<KeyObject | undefined> {
    const isKnown = this.keys.has(id) && !this.isOld();
    if (!isKnown && this.now() - this.triedAt >= cooldownMs) {
      this.triedAt = this.now();
      this.fetching = this.fetch();
    }
    await this.fetching;
    if (this.isOld()) throw new Error(`${this.url} does not answer with keys`);
    return this.keys.get(id);
  }

  private isOld(): boolean {
    return this.now() - this.fetchedAt >= maxAgeMs;
  }

  /** Keeps what is known where it fails. */
  private async fetch(): Promise<void> {
    try {
      const response = await fetch(this.url, { signal: AbortSignal.timeout(fetchLimitMs), redirect: 'error' });
      if (!response.ok) return;
      this.keys = read((await response.json()) as JsonWebKeySet);
      this.fetchedAt = this.now();
    } catch {
      // Whoever asks for a key is told.
    }
  }
}

/** Those that verify signatures; what has no id, or is no public key, is left out. */
function read({ keys }: JsonWebKeySet): Map<string, KeyObject> {
  return new Map(
    keys.flatMap((key): [string, KeyObject][] => {
      if (key.kid === undefined || (key.use ?? 'sig') !== 'sig') return [];
      try {
        return [[key.kid, createPublicKey({ key, format: 'jwk' })]];
      } catch {
        return [];
      }
    }),
  );
}
