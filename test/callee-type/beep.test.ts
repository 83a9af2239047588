import { BeepDetector, frameSize } from '../../src/callee-type';
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
