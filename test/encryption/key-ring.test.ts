import { randomBytes } from 'node:crypto';
import { KeyRing } from '../../src/encryption/key-ring';

const key = (): string => randomBytes(32).toString('base64');
const keys = { old: key(), new: key() };
const text = Buffer.from('+16175550123');

test('what is sealed is opened, and says nothing by itself', () => {
  const ring = new KeyRing({ current: 'new', keys });
  const sealed = ring.seal(text);
  expect(sealed.keyId).toBe('new');
  expect(sealed.bytes.includes(text)).toBe(false);
  expect(sealed.bytes).not.toEqual(ring.seal(text).bytes);
  expect(ring.open(sealed)).toEqual(text);
});

test('after a rotation what the old key sealed is opened, as long as it is kept', () => {
  const before = new KeyRing({ current: 'old', keys: { old: keys.old } });
  const sealed = before.seal(text);
  const after = new KeyRing({ current: 'new', keys });
  expect(after.open(sealed)).toEqual(text);
  expect(after.pseudonym('a')).toBe(before.pseudonym('a'));
  expect(after.pseudonym('a')).not.toBe(after.pseudonym('b'));
  const dropped = new KeyRing({ current: 'new', keys: { new: keys.new } });
  expect(() => dropped.open(sealed)).toThrow('the key ring has no key old');
});

test('what was changed, or sealed with another key of the same name, is refused', () => {
  const ring = new KeyRing({ current: 'new', keys });
  const { keyId, bytes } = ring.seal(text);
  for (const at of [0, 12, bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at]! ^= 1;
    expect(() => ring.open({ keyId, bytes: changed })).toThrow(/damaged/);
  }
  expect(() => ring.open({ keyId, bytes: bytes.subarray(0, 20) })).toThrow(/damaged/);
  expect(() => new KeyRing({ current: 'new', keys: { new: key() } }).open({ keyId, bytes })).toThrow(/another/);
});

test('all that is wrong with the keys is named, and no key is shown', () => {
  const short = randomBytes(16).toString('base64');
  const make = (): KeyRing => new KeyRing({ current: 'missing', keys: { short, 'no name': keys.old } });
  expect(make).toThrow('encryption.keys.short: must be the base64 of 32 bytes (is of 16)');
  expect(make).toThrow('encryption.keys.no name: a key is named by');
  expect(make).toThrow('encryption.current: must name one of the keys: short, no name');
  expect(make).not.toThrow(short);
});
