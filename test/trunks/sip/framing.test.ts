import { MessageFraming } from '../../../src/trunks/sip/framing';

const message = (body: string, name = 'Content-Length'): string =>
  `OPTIONS sip:a@b SIP/2.0\r\n${name}: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

test('messages come whole, however the stream is cut, with empty lines between them', () => {
  const messages = [message('v=0 – é'), message(''), message('x', 'l')];
  const stream = Buffer.from(messages.join('\r\n\r\n'));
  for (let cut = 0; cut <= stream.length; cut++) {
    const framing = new MessageFraming();
    expect([stream.subarray(0, cut), stream.subarray(cut)].flatMap((chunk) => framing.push(chunk))).toEqual(messages);
  }
});

test.each([
  ['too long a header', 'x'.repeat(65 * 1024)],
  ['too long a body', 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 300000\r\n\r\n'],
  ['a body of any length', 'OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 99999999999999\r\n\r\n'],
])('%s is refused', (_what, stream) => {
  expect(() => new MessageFraming().push(Buffer.from(stream))).toThrow(RangeError);
});
