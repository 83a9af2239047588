import { BeepDetector, calleeTypeOptions, type Frame, FrameMeter, frameSize } from '../../src/callee-type';
import { ToneTracker } from '../../src/callee-type/tones';
import { cadence, joined, lossy, onLine, silence, sit, speech, tone } from './sounds';

/** When a beep is heard, in milliseconds. */
function beepAt(samples: Int16Array): number | undefined {
  const detector = new BeepDetector();
  for (let at = 0; at + frameSize <= samples.length; at += frameSize) {
    if (detector.push(samples.subarray(at, at + frameSize))) return (at + frameSize) / 8;
  }
  return undefined;
}

const greeting = joined(silence(300), speech(5_000), silence(400));

test.each([
  ['1000 Hz', tone([1_000], 500)],
  ['440 Hz', tone([440], 400)],
  ['two frequencies', tone([1_000, 1_400], 300)],
  ['short', tone([850], 200)],
  ['long', tone([620], 1_400)],
])('a beep is heard once it is over: %s', (_what, beep) => {
  const endsAtMs = (greeting.length + beep.length) / 8;
  const at = beepAt(onLine(joined(greeting, beep), 9_000))!;
  expect(at - endsAtMs).toBeGreaterThan(0);
  expect(at - endsAtMs).toBeLessThanOrEqual(140);
  expect(beepAt(onLine(joined(greeting, beep), 9_000, -45))).toBe(at);
});

test('it is heard ever after, and also from the end of the greeting on', () => {
  const detector = new BeepDetector();
  const samples = onLine(joined(silence(200), tone([1_000], 400)), 1_500);
  const heard = Array.from({ length: 75 }, (_, n) => detector.push(samples.subarray(n * 160, n * 160 + 160)));
  expect(heard.indexOf(true)).toBeGreaterThan(30);
  expect(heard.slice(heard.indexOf(true))).not.toContain(false);
});

test('a beep with a lost packet is one', () => {
  expect(beepAt(lossy(onLine(joined(greeting, tone([1_000], 600)), 9_000)))).toBeDefined();
});

test.each([
  ['speech', joined(greeting, speech(5_000))],
  [
    'a network that announces',
    joined(silence(300), sit([950, 1_400, 1_800], [330, 330, 330]), silence(100), speech(3_000)),
  ],
  ['a fax', joined(silence(1_800), tone([2_100], 3_000))],
  ['a ringing tone', cadence([440, 480], [2_000, 4_000], 9_000)],
  ['a dial tone', tone([350, 440], 9_000)],
  ['nothing', silence(0)],
])('%s has none', (_what, sound) => {
  expect(beepAt(onLine(sound, 12_000))).toBeUndefined();
});

test('what another meter has measured is heard alike', () => {
  const meter = new FrameMeter(calleeTypeOptions());
  const detector = new BeepDetector();
  const samples = onLine(joined(greeting, tone([1_000], 400)), 9_000);
  let at = 0;
  for (; at + frameSize <= samples.length; at += frameSize) {
    if (detector.push(meter.measure(samples.subarray(at, at + frameSize)))) break;
  }
  expect((at + frameSize) / 8).toBe(beepAt(samples));
});

/** A line that beeps without a pause between, so that no beep is a machine's. */
function* tonesOf(frames: number): Generator<Frame> {
  for (let n = 0; n < frames; n++) yield { levelDb: -20, toneHz: Math.floor(n / 20) % 2 === 0 ? 800 : 1_600 };
}

test('tones that were over are forgotten, however long the call', () => {
  const tracker = new ToneTracker(calleeTypeOptions());
  let at = 0;
  for (const frame of tonesOf(180_000)) {
    tracker.push(at++, frame);
    tracker.forgetBefore(at);
    if (tracker.tones.length > 2) break;
  }
  expect(at).toBe(180_000);
});

test('a dial tone of an hour is one tone, and a beep after many tones is heard', () => {
  const detector = new BeepDetector();
  const tracker = new ToneTracker(calleeTypeOptions());
  for (let at = 0; at < 180_000; at++) tracker.push(at, { levelDb: -20, toneHz: 425 });
  expect(tracker.tones).toMatchObject([{ startFrame: 0, endFrame: 179_999, hz: 425 }]);

  for (const frame of tonesOf(9_000)) expect(detector.push(frame)).toBe(false);
  const quiet = (frames: number): boolean[] =>
    Array.from({ length: frames }, () => detector.push({ levelDb: -60, toneHz: 0 }));
  expect(quiet(20)).not.toContain(true);
  for (let n = 0; n < 20; n++) expect(detector.push({ levelDb: -20, toneHz: 1_000 })).toBe(false);
  expect(quiet(10)).toContain(true);
});
