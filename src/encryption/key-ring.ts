/** Keys that payloads and rows are sealed with: AES-256-GCM (NIST SP 800-38D), a random 96-bit nonce for each message. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { invalidSpec, type Issue, OutdialError } from '../errors';

/** Keys by name. To rotate, add a key, name it as `current`, and keep the old ones for as long as data of them is kept. */
export interface KeyRingOptions {
  /** Name of the key that seals. */
  readonly current: string;
  /** Base64 of 32 random bytes each (`openssl rand -base64 32`), by name: 1–64 of A–Z a–z 0–9 _ -. */
  readonly keys: Readonly<Record<string, string>>;
}

/** Bytes that were sealed, and with which key. */
export interface Sealed {
  readonly keyId: string;
  /** Nonce (12 bytes), ciphertext, tag (16 bytes). */
  readonly bytes: Buffer;
}

const algorithm = 'aes-256-gcm';
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;

/** Seals and opens bytes. Keeps the keys in memory, and shows them to nobody. */
export class KeyRing {
  readonly #current: string;
  readonly #keys: ReadonlyMap<string, Buffer>;
  readonly #pseudonymKey: Buffer;

  /** @throws OutdialError `INVALID_SPEC` that lists every wrong field, and no key */
  constructor({ current, keys }: KeyRingOptions) {
    this.#keys = readKeys(current, keys);
    this.#current = current;
    // Of the oldest key, so that the same text keeps its pseudonym when the current key changes.
    const [oldest] = this.#keys.values();
    this.#pseudonymKey = Buffer.from(hkdfSync('sha256', oldest!, '', 'outdial pseudonym', keyBytes));
  }

  /** Seals with the current key. */
  seal(plain: Uint8Array): Sealed {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#keys.get(this.#current)!, nonce, { authTagLength: tagBytes });
    const bytes = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return { keyId: this.#current, bytes };
  }

  /** @throws OutdialError `SEALED` when the key is missing, or the bytes are not what was sealed */
  open({ keyId, bytes }: Sealed): Buffer {
    const key = this.#keys.get(keyId);
    if (!key)
      throw new OutdialError('SEALED', `the key ring has no key ${keyId}; keep old keys while their data is kept`);
    try {
      const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      decipher.setAuthTag(bytes.subarray(-tagBytes));
      return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, -tagBytes)), decipher.final()]);
    } catch {
      throw new OutdialError('SEALED', `what was sealed with key ${keyId} is damaged, or the key is another one`);
    }
  }

  /** The same for the same text, and says nothing of it to who has no key: HMAC-SHA-256, base64url. */
  pseudonym(text: string): string {
    return createHmac('sha256', this.#pseudonymKey).update(text).digest('base64url');
  }
}

function readKeys(current: string, keys: Readonly<Record<string, string>>): Map<string, Buffer> {
  const issues: Issue[] = [];
  const read = new Map<string, Buffer>();
  for (const [name, text] of Object.entries(keys)) {
    const path = `encryption.keys.${name}`;
    if (!/^[A-Za-z0-9_-]{1,64}$/.test(name))
      issues.push({ path, message: 'a key is named by 1–64 of A–Z a–z 0–9 _ -' });
    const key = Buffer.from(text, 'base64');
    // Never the value: an error is logged.
    if (key.length !== keyBytes)
      issues.push({ path, message: `must be the base64 of ${keyBytes} bytes (is of ${key.length})` });
    read.set(name, key);
  }
  if (!read.has(current)) {
    issues.push({
      path: 'encryption.current',
      message: `must name one of the keys: ${[...read.keys()].join(', ') || 'none'}`,
    });
  }
  if (issues.length > 0) throw invalidSpec(issues);
  return read;
}
