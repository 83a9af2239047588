/** A live call's sound, in real time, between a trunk that only notes what it is told to send and a callee made of samples. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameMs, frameSize } from '../../../src/callee-type';
import { CallMedia, type MediaOptions } from '../../../src/trunks/media';
import { eventually } from '../../support/eventually';
import { wavOf } from '../../support/wav';

const calls: CallMedia[] = [];
afterEach(() => {
  for (const media of calls.splice(0)) media.end();
});

/** A call and what was sent on it: samples as they were played without the silence between, and digits, in order. */
function newCall(options: MediaOptions = {}) {
  const sent: (number | string)[] = [];
  let frames = 0;
  let isOpen = true;
  const media = new CallMedia(
    {
      isOpen: () => isOpen,
      sendFrame: (frame) => {
        frames++;
        if (frame) sent.push(...frame);
      },
      sendDigit: async (digit) => void sent.push(digit),
    },
    options,
  );
  calls.push(media);
  return { media, sent, framesSent: () => frames, setOpen: (open: boolean) => void (isOpen = open) };
}

/** Passes on what a callee sends, a packet every 20 ms of the media clock. */
function speak(media: CallMedia, samples: Int16Array, firstTimestamp?: number): void {
  for (let at = 0; at < samples.length; at += frameSize)
    media.receive(samples.subarray(at, at + frameSize), firstTimestamp && firstTimestamp + at);
}

const tone = (hz: number, ms: number): Int16Array =>
  Int16Array.from({ length: ms * 8 }, (_, i) => Math.round(8_000 * Math.sin((2 * Math.PI * hz * i) / 8_000)));
const ramp = (length: number, from = 1): Int16Array => Int16Array.from({ length }, (_, i) => from + i);

describe('playing', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'outdial-media-'));
    await writeFile(join(folder, 'short.wav'), wavOf(ramp(320, 1_000)));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function* pieces() {
    yield ramp(100, 2_000);
    await new Promise(setImmediate);
    yield ramp(250, 2_100);
  }

  test('what is played waits while sound does not get through, and goes on where it was', async () => {
    const { media, sent, setOpen } = newCall();
    media.answer();
    const played = media.play({ audio: ramp(1_600) });
    await eventually(() => sent.length > 0);
    setOpen(false);
    const before = sent.length;
    // The media clock goes on meanwhile.
    await media.detectBeep(100);
    expect(sent).toHaveLength(before);
    setOpen(true);
    await played;
    expect(sent).toEqual([...ramp(1_600)]);
  });

  test('text, files, sound and digits wait for the answer and go out in their order, whole', async () => {
    const { media, sent } = newCall({ speech: async (text) => ramp(160, text.length) });
    const played = Promise.all([
      media.sendDigits('1w2'),
      media.play('hello'),
      media.play({ wav: join(folder, 'short.wav') }),
      media.play({ audio: pieces() }),
      media.sendDigits('#x'),
    ]);
    media.answer();
    await played;
    expect(sent).toEqual([
      '1',
      '2',
      ...ramp(160, 5),
      ...ramp(320, 1_000),
      ...ramp(350, 2_000),
      // The last frame is filled up.
      ...new Int16Array(130),
      '#',
    ]);
  });

  test('it keeps the pace of the wall clock', async () => {
    const { media, framesSent } = newCall();
    media.answer();
    const began = performance.now();
    await media.play({ silenceMs: 1_000 });
    const elapsedMs = performance.now() - began;
    // As many frames as 20 ms have passed: one more where the clock stood between two.
    expect(Math.abs(framesSent() - elapsedMs / frameMs)).toBeLessThan(2);
  });

  test('what cannot be played rejects in its turn, and what comes after it is played', async () => {
    const { media, sent } = newCall();
    const order: string[] = [];
    const tell = (name: string, playing: Promise<void>): Promise<unknown> =>
      playing.then(
        () => order.push(name),
        (error: Error) => order.push(`${name}: ${error.message}`),
      );
    const all = [
      tell('before', media.play({ audio: ramp(160) })),
      tell('text', media.play('hello')),
      tell('file', media.play({ wav: join(folder, 'absent.wav') })),
      tell('after', media.play({ audio: ramp(160) })),
    ];
    media.answer();
    await Promise.all(all);
    expect(order).toEqual([
      'before',
      'text: play: text needs speech: an option of the trunk, and a field of the configuration file',
      expect.stringMatching(/^file: ENOENT/),
      'after',
    ]);
    expect(sent).toHaveLength(320);
  });

  test.each([
    ['before the answer', false],
    ['after it', true],
  ])('a call that ends %s keeps nobody waiting', async (_when, isAnswered) => {
    const { media, framesSent } = newCall();
    const never: AsyncIterable<Int16Array> = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const waiting = Promise.all([
      media.play({ audio: never }),
      media.play({ silenceMs: 60_000 }),
      media.sendDigits('1,2'),
      media.gather({ timeoutMs: 60_000 }),
      media.detectBeep(60_000),
      media.detectCalleeType(60_000),
    ]);
    if (isAnswered) media.answer();
    media.end();
    expect(await waiting).toEqual([undefined, undefined, undefined, '', false, 'unknown']);
    await Promise.all([media.play('unspoken'), media.sendDigits('1'), media.play({ silenceMs: 60_000 })]);
    media.answer();
    await new Promise((resolve) => setTimeout(resolve, 3 * frameMs));
    expect(framesSent()).toBe(0);
  });
});

describe('callee type', () => {
  test('a fax is heard, and who asks late gets the same answer; what came before the answer is not heard', async () => {
    const { media } = newCall();
    speak(media, tone(2_100, 1_000));
    media.answer();
    const early = media.detectCalleeType(4_000);
    speak(media, tone(2_100, 240), 0xffff_ff00);
    // The rest comes over the end of the timestamps.
    speak(media, tone(2_100, 720), 0xffff_ff00 + 1_920 - 0x1_0000_0000);
    expect(await early).toBe('fax');
    expect(await media.detectCalleeType(0)).toBe('fax');
    media.end();
    expect(await media.detectCalleeType(4_000)).toBe('fax');
  });

  test('a callee who sends nothing gets a decision when the window closes', async () => {
    const { media, framesSent } = newCall({ calleeType: { windowMs: 500 } });
    media.answer();
    expect(await media.detectCalleeType(4_000)).toBe('unknown');
    expect(framesSent()).toBeGreaterThanOrEqual(25);
  });

  test('a call that ends early is judged by what was heard', async () => {
    const { media } = newCall();
    media.answer();
    const asked = media.detectCalleeType(4_000);
    speak(media, tone(2_100, 600));
    await media.play({ silenceMs: 700 });
    media.end();
    expect(await asked).toBe('fax');
  });

  test('where nothing is sure in time it is unknown, and the detection goes on', async () => {
    const { media } = newCall();
    media.answer();
    const [first, second] = [media.detectCalleeType(100), media.detectCalleeType(4_000)];
    expect(await first).toBe('unknown');
    speak(media, tone(2_100, 800));
    expect(await second).toBe('fax');
  });
});

test('a beep is heard, also before it was asked for', async () => {
  const { media } = newCall();
  media.answer();
  expect(await media.detectBeep(100)).toBe(false);
  speak(media, tone(1_000, 300));
  expect(await media.detectBeep(5_000)).toBe(true);
  expect(await media.detectBeep(0)).toBe(true);
});

describe('digits', () => {
  test('those pressed before are kept, up to the last one asked for', async () => {
    const { media } = newCall();
    media.receiveDigit('9');
    media.answer();
    for (const digit of '12#34') media.receiveDigit(digit);
    expect(await media.gather({ maxDigits: 5, finishOn: '#' })).toBe('12');
    expect(await media.gather()).toBe('3');
    const rest = media.gather({ maxDigits: 3, timeoutMs: 60_000 });
    media.receiveDigit('5');
    media.receiveDigit('6');
    expect(await rest).toBe('456');
  });

  test('each has its own time, and what came is answered', async () => {
    const { media } = newCall();
    media.answer();
    media.receiveDigit('1');
    expect(await media.gather({ maxDigits: 2, timeoutMs: 30 })).toBe('1');
    expect(await media.gather({ timeoutMs: 0 })).toBe('');
  });

  test('what was pressed before the end is answered after it', async () => {
    const { media } = newCall();
    media.answer();
    const asked = media.gather({ maxDigits: 3, timeoutMs: 60_000 });
    media.receiveDigit('1');
    await eventually(() => true);
    media.end();
    expect(await asked).toBe('1');
    media.receiveDigit('2');
    expect(await media.gather()).toBe('');
  });
});
