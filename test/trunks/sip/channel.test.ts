/** What is sent again over UDP, and what is not. */
import { udpChannel } from '../../../src/trunks/sip/channel';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A network that is away at first; what was sent, and what would have been. */
async function sentBy(method: string): Promise<number> {
  let isAway = true;
  let sent = 0;
  const write = (_message: string, done: (error: Error | null) => void): void => {
    if (!isAway) sent++;
    done(isAway ? new Error('ENETUNREACH') : null);
  };
  const channel = udpChannel({ address: '127.0.0.1', port: 5_060 }, write, () => undefined);
  const message = `${method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\n\r\n`;
  await expect(channel.send(message)).rejects.toThrow('ENETUNREACH');
  isAway = false;
  await jest.advanceTimersByTimeAsync(60_000);
  channel.close();
  return sent;
}

test('an INVITE that could not be sent rings nobody later: its dial is a line fault, and is placed anew', async () => {
  expect(await sentBy('INVITE')).toBe(0);
});

test('a BYE that could not be sent is sent again', async () => {
  expect(await sentBy('BYE')).toBeGreaterThan(0);
});
