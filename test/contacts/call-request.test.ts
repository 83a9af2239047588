import { checkCallRequest, isPlainTextCall } from '../../src/contacts/call-request';

const destination = '+16175550123';

it.each<object>([
  { destination },
  { destination, parameters: { a: [1, { b: null }], c: true }, messageReference: 'r' },
  { destination, parameters: undefined, messageReference: undefined },
])('takes %j', (call) => {
  expect(checkCallRequest(call)).toEqual({ ok: true, call });
});

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;

it.each<[string, unknown, string | undefined, RegExp]>([
  ['nothing', undefined, undefined, /must be an object/],
  ['an array', [], undefined, /must be an object/],
  ['no destination', {}, 'destination', /destination must be text/],
  ['an empty destination', { destination: '' }, 'destination', /must not be empty/],
  ['a long destination', { destination: '1'.repeat(129) }, 'destination', /at most 128/],
  [
    'unknown fields',
    { destination, phone: 1, '+6175550123': 1 },
    undefined,
    /unknown field "phone", "\+\*{8}23"; a call has/,
  ],
  ['parameters of text', { destination, parameters: 'x' }, 'parameters', /must be a plain object/],
  ['parameters of a class', { destination, parameters: new Map() }, 'parameters', /must be a plain object/],
  ['a date', { destination, parameters: { a: { b: new Date(0) } } }, 'parameters', /and a\.b is not/],
  ['NaN', { destination, parameters: { a: [1, NaN] } }, 'parameters', /and a\.1 is not/],
  ['undefined', { destination, parameters: { a: undefined } }, 'parameters', /and a is not/],
  ['a bigint', { destination, parameters: { a: 1n } }, 'parameters', /must be plain JSON/],
  ['a cycle', { destination, parameters: cyclic }, 'parameters', /must be plain JSON/],
  ['large parameters', { destination, parameters: { a: 'é'.repeat(9_000) } }, 'parameters', /16384 bytes .*have 18008/],
  ['a long reference', { destination, messageReference: 'r'.repeat(256) }, 'messageReference', /at most 255/],
])('refuses %s', (_name, call, field, reason) => {
  const checked = checkCallRequest(call);
  expect(checked).toEqual({
    ok: false,
    ...(field !== undefined && { field }),
    reason: expect.stringMatching(reason) as string,
  });
});

it.each<[string, string, boolean]>([
  ['a row', 'Ada', true],
  ['no text', '', true],
  ['as much as surely fits', '\ud800'.repeat(2_720), true],
  ['more, though it fits as it is written', 'a'.repeat(2_730), false],
])('is sure of %s', (_name, text, sure) => {
  const call = { destination, parameters: { a: text }, messageReference: 'r' };
  expect(isPlainTextCall(call)).toBe(sure);
  expect(checkCallRequest(call)).toEqual({ ok: true, call });
});

it.each([{ destination: '' }, { destination: '1'.repeat(129) }, { destination, messageReference: 'r'.repeat(256) }])(
  'is not sure of %j',
  (call) => expect(isPlainTextCall(call)).toBe(false),
);
