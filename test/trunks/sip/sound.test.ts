/** Sound and digits over RTP, both ways. */
import { simulatedNumber } from '../../../src/trunks/simulated';
import { babble } from '../../../src/trunks/simulated/callee-sounds';
import type { Codec } from '../../../src/trunks/sip';
import { closeNetworks, type Network, requestTo, startNetwork } from './network';

afterEach(closeNetworks);

const telephone = ({ callee }: Network) => [...callee.telephones.values()].at(-1)!;

describe.each<Codec>(['PCMU', 'PCMA'])('in %s', (codec) => {
  test('a person is heard, hears, and presses keys; digits arrive', async () => {
    const network = await startNetwork({ presses: '0123456789*#ABCD' }, { codecs: [codec] });
    const call = network.trunk.place(requestTo(simulatedNumber('voice'), { postd: '9w1' }));
    expect(await call.answered).toBe(true);
    const calleeType = call.detectCalleeType(4_000);
    await call.play({ audio: babble(400) });
    // postd went out before what was played.
    expect(telephone(network).heardDigits).toBe('91');
    await call.sendDigits('*#0D');
    expect(await call.gather({ maxDigits: 16, timeoutMs: 5_000 })).toBe('0123456789*#ABCD');
    expect([telephone(network).heardDigits, await calleeType]).toEqual(['91*#0D', 'voice']);
    await call.hangUp();
  });
});

test('a machine greets and beeps', async () => {
  const { trunk } = await startNetwork();
  const call = trunk.place(requestTo(simulatedNumber('answeringmachine')));
  expect(await call.detectCalleeType(4_000)).toBe('answeringmachine');
  expect(await call.detectBeep(10_000)).toBe(true);
  await call.hangUp();
});

test('each call has a port of the range, and where none is left it is a line fault', async () => {
  const { trunk } = await startNetwork({}, { rtpPorts: { from: 38_456, to: 38_457 } });
  const first = trunk.place(requestTo(simulatedNumber('voice')));
  expect(await first.answered).toBe(true);
  const second = trunk.place(requestTo(simulatedNumber('voice', 1)));
  expect(await second.ended).toEqual({
    outcome: 'line-fault',
    cause: { text: 'no RTP port is free from 38456 to 38457' },
  });
  await first.hangUp();
  const third = trunk.place(requestTo(simulatedNumber('voice', 2)));
  expect(await third.answered).toBe(true);
  await third.hangUp();
});
