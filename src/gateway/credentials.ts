/** Secrets of accounts: kept hashed by scrypt (RFC 7914), compared in constant time. */
import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Together } from './together';

/** Cost that OWASP recommends for scrypt: N = 2^17, r = 8, p = 1. Takes some tenths of a second, and 128 MB. */
const cost = { N: 2 ** 17, r: 8, p: 1 };
const hashBytes = 32;
/** So long a secret that was right is known to be right, without scrypt. */
const knownMs = 5 * 60_000;
const maxKnown = 10_000;

const pattern = /^scrypt:(\d+):(\d+):(\d+):([A-Za-z0-9+/]{22,}={0,2}):([A-Za-z0-9+/]{43}=)$/;

/** A hash as {@link hashSecret} makes it. */
export const hashSchema = z.string().superRefine((text, context) => {
  if (pattern.test(text)) return;
  const message = 'must be a hash that `outdial gateway hash` made, never the secret itself';
  // An object as its input keeps the secret out of the message.
  context.addIssue({ code: 'custom', message, input: {} });
});

/** `scrypt:N:r:p:salt:hash`, base64. */
export async function hashSecret(secret: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(secret, salt, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64'), hash.toString('base64')].join(':');
}

/** Checks secrets against hashes. One that was right is remembered for a while, by a keyed digest: scrypt is slow by design. */
export class SecretChecker {
  private readonly key = randomBytes(32);
  private readonly known = new Map<string, number>();
  private readonly checks = new Together<boolean>();

  async matches(secret: string, hashed: string): Promise<boolean> {
    const digest = createHmac('sha256', this.key).update(`${hashed}\n${secret}`).digest('base64');
    const until = this.known.get(digest);
    if (until !== undefined && until > Date.now()) return true;
    return this.checks.once(digest, () => this.check(secret, hashed, digest));
  }

  private async check(secret: string, hashed: string, digest: string): Promise<boolean> {
    const [, N, r, p, salt, hash] = pattern.exec(hashed)!;
    const expected = Buffer.from(hash!, 'base64');
    const derived = await derive(secret, Buffer.from(salt!, 'base64'), { N: Number(N), r: Number(r), p: Number(p) });
    const right = timingSafeEqual(derived, expected);
    if (right) {
      if (this.known.size >= maxKnown) this.known.clear();
      this.known.set(digest, Date.now() + knownMs);
    }
    return right;
  }
}

function derive(secret: string, salt: Buffer, { N, r, p }: typeof cost): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const maxmem = 2 * 128 * N * r;
    scrypt(secret, salt, hashBytes, { N, r, p, maxmem }, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
