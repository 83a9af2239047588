import { RtpSession } from '../../../src/trunks/rtp/rtp-session';

test('digits wait for each other, and nobody can make a session keep them without end', async () => {
  let heard = '';
  const nothing = { onAudio: () => undefined, onDigit: () => undefined };
  const to = await RtpSession.open(undefined, { ...nothing, onDigit: (digit) => (heard += digit) });
  const from = await RtpSession.open(undefined, nothing);
  try {
    const remote = { host: '127.0.0.1', codec: 'PCMU', eventPayloadType: 101, direction: 'sendrecv' } as const;
    to.setRemote({ ...remote, port: from.port });
    from.setRemote({ ...remote, port: to.port });
    const sent = [...'1234567890'.repeat(15)].map((digit) => from.sendDigit(digit));
    // Those beyond are left out at once.
    await Promise.all(sent.slice(100));
    while (heard.length < 100) {
      from.sendFrame(undefined);
      await new Promise(setImmediate);
    }
    for (let frame = 0; frame < 50; frame++) from.sendFrame(undefined);
    await Promise.all(sent);
    expect(heard).toBe('1234567890'.repeat(10));
  } finally {
    from.close();
    to.close();
  }
});
