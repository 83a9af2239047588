/** Callee types of generated sounds. How often real speech is told right, `docs/reference/callee-type-accuracy.md` says. */
import {
  CalleeTypeDetector,
  calleeTypeOptions,
  defaultCalleeTypeOptions,
  detectCalleeType,
  frameSize,
} from '../../src/callee-type';
import { ansam, cadence, hello, joined, lossy, noise, onLine, silence, sit, speech, tone } from './sounds';

const informationTones = sit([950, 1_400, 1_800], [330, 330, 330]);
const voice = ['voice', 'short-greeting'];
const tones = ['unknown', 'tone'];

const table: readonly [what: string, Int16Array, answer: readonly string[]][] = [
  ['nothing at all', new Int16Array(48_000), ['unknown', 'silence']],
  ['a quiet line', onLine(silence(0)), ['unknown', 'silence']],
  ['loud noise', onLine(noise(-30, 6_000)), ['unknown', 'silence']],
  ['noise that begins late', onLine(joined(silence(700), noise(-34, 5_000)), 6_000, -90), ['unknown', 'silence']],
  ['clicks', onLine(joined(silence(800), tone([900], 15), silence(900), tone([500], 15))), ['unknown', 'silence']],
  ['a short greeting', onLine(joined(silence(400), hello())), voice],
  ['a short greeting on a noisy line', onLine(joined(silence(400), hello()), 6_000, -40), voice],
  ['a short greeting with lost packets', lossy(onLine(joined(silence(400), hello()))), voice],
  ['a short greeting, and zeros around it', onLine(joined(silence(400), hello()), 6_000, -120), voice],
  ['a greeting after 2 s', onLine(joined(silence(2_000), hello())), voice],
  ['a greeting of 1.2 s', onLine(joined(silence(400), speech(1_200))), voice],
  ['two greetings', onLine(joined(silence(300), hello(), silence(250), hello())), voice],
  ['a long greeting', onLine(joined(silence(300), speech(5_000))), ['answeringmachine', 'long-greeting']],
  [
    'a long greeting with lost packets',
    lossy(onLine(joined(silence(300), speech(5_000)))),
    ['answeringmachine', 'long-greeting'],
  ],
  [
    'speech without a pause',
    onLine(joined(silence(300), hello(), hello(), hello(), hello(), hello(), hello(), hello())),
    ['answeringmachine', 'much-speech'],
  ],
  [
    'somebody who still speaks at the end',
    onLine(joined(silence(2_000), speech(4_000))),
    ['answeringmachine', 'still-talking'],
  ],
  [
    'a beep after speech',
    onLine(joined(silence(300), speech(1_200), silence(300), tone([1_000], 400))),
    ['answeringmachine', 'beep'],
  ],
  [
    'a low beep of two tones',
    onLine(joined(silence(300), speech(1_200), silence(300), tone([440, 880], 300))),
    ['answeringmachine', 'beep'],
  ],
  [
    'an announcement',
    onLine(joined(silence(300), informationTones, silence(100), speech(3_000))),
    ['answeringmachine', 'announcement'],
  ],
  ['information tones alone', onLine(joined(silence(300), informationTones)), tones],
  ['a fax that answers', onLine(joined(silence(1_800), tone([2_100], 3_000))), ['fax', 'fax-answer-tone']],
  [
    'a fax that answers off its frequency',
    onLine(joined(silence(1_800), tone([2_085], 3_000)), 6_000, -45),
    ['fax', 'fax-answer-tone'],
  ],
  ['ANSam, with its phase reversals', onLine(joined(silence(1_800), ansam(3_000))), ['fax', 'fax-answer-tone']],
  [
    'a fax that calls',
    onLine(joined(silence(500), cadence([1_100], [500, 3_000], 5_000))),
    ['fax', 'fax-calling-tone'],
  ],
  ['ringback of North America', onLine(cadence([440, 480], [2_000, 4_000], 6_000)), tones],
  ['ringback of Britain', onLine(cadence([400, 450], [400, 200, 400, 2_000], 6_000)), tones],
  ['ringback of Europe', onLine(cadence([425], [1_000, 4_000], 6_000)), tones],
  ['busy', onLine(cadence([480, 620], [500, 500], 6_000)), tones],
  ['busy of Europe', onLine(cadence([425], [480, 480], 6_000)), tones],
  ['a dial tone', onLine(tone([350, 440], 6_000)), tones],
  ['speech that comes too late', onLine(joined(silence(3_700), hello())), ['unknown', 'late-speech']],
];

test.each(table)('%s', (_what, samples, answer) => {
  const { calleeType, reason, decidedAtMs } = detectCalleeType(samples);
  expect([calleeType, reason]).toEqual(answer);
  expect(decidedAtMs).toBeLessThanOrEqual(4_000);
});

test('it decides as soon as it is sure, and says so ever after', () => {
  const detector = new CalleeTypeDetector();
  const samples = onLine(joined(silence(400), hello()));
  const decisions = [];
  for (let at = 0; at < samples.length; at += frameSize)
    decisions.push(detector.push(samples.subarray(at, at + frameSize)));
  const first = decisions.findIndex((decision) => decision !== undefined);
  expect((first + 1) * 20).toBe(decisions[first]!.decidedAtMs);
  expect(decisions[first]!.decidedAtMs).toBeLessThan(1_500);
  expect(new Set(decisions.slice(first)).size).toBe(1);
  expect(detector.finish()).toBe(decisions[first]);
});

test('it says what it was decided by', () => {
  expect(detectCalleeType(onLine(joined(silence(400), hello()))).features).toEqual({
    initialSilenceMs: 420,
    greetingMs: 440,
    speechMs: 440,
    longestUtteranceMs: 440,
    utterances: 1,
    words: 1,
    finalSilenceMs: expect.any(Number) as number,
    noiseFloorDb: -61,
    tonesHz: [],
  });
  expect(detectCalleeType(onLine(tone([425], 6_000))).features.tonesHz).toEqual([425]);
});

test.each([
  ['before anything was heard', 0, 'unknown'],
  ['within the greeting', 700, 'unknown'],
  ['after much speech', 2_600, 'answeringmachine'],
])('a call that ends %s', (_when, ms, calleeType) => {
  const samples = onLine(joined(silence(300), speech(5_000))).subarray(0, ms * 8);
  expect(detectCalleeType(samples)).toMatchObject({ calleeType, decidedAtMs: ms });
});

test('options change what is decided', () => {
  const samples = onLine(joined(silence(400), hello()));
  expect(detectCalleeType(samples, { windowMs: 500 })).toMatchObject({ calleeType: 'unknown', decidedAtMs: 500 });
  expect(detectCalleeType(samples, { mostSpeechMs: 200 })).toMatchObject({ reason: 'much-speech' });
  expect(detectCalleeType(samples, { quietestSpeechDb: -3 })).toMatchObject({ reason: 'silence' });
});

const never = { shortPauseMs: 60_000, pauseMs: 60_000 };

test('nobody is taken for a person early: a greeting may go on after its first word', () => {
  const samples = onLine(joined(silence(300), speech(300), silence(500), speech(5_000)));
  expect(detectCalleeType(samples)).toMatchObject({ reason: 'long-greeting' });
  expect(detectCalleeType(samples, { earliestPersonMs: 940 })).toMatchObject({ calleeType: 'voice', decidedAtMs: 940 });
});

test('a short pause is enough at that moment, after a short greeting; later on it is not', () => {
  const greeting = onLine(joined(silence(300), speech(600)));
  expect(detectCalleeType(greeting)).toMatchObject({ calleeType: 'voice', decidedAtMs: 1_480 });
  // The moment need not be at the end of a frame.
  expect(detectCalleeType(greeting, { earliestPersonMs: 1_470 }).decidedAtMs).toBe(1_480);
  const long = detectCalleeType(greeting, { shortGreetingMs: 300 });
  expect(long.features.finalSilenceMs).toBe(940);
  const late = detectCalleeType(onLine(joined(silence(900), speech(600))));
  expect(late).toMatchObject({ calleeType: 'voice', features: { finalSilenceMs: 940 } });
});

test('whoever has greeted shortly and is quiet when the call ends is a person', () => {
  const samples = onLine(joined(silence(300), hello()));
  expect(detectCalleeType(samples.subarray(0, 1_200 * 8))).toMatchObject({ calleeType: 'voice', decidedAtMs: 1_200 });
  expect(detectCalleeType(samples.subarray(0, 900 * 8))).toMatchObject({ calleeType: 'unknown' });
});

test('what hardly stands out from the noise needs a longer pause', () => {
  const samples = onLine(joined(silence(1_000), hello()));
  const clear = detectCalleeType(samples);
  const unclear = detectCalleeType(samples, { clearDb: 100 });
  expect(clear.reason).toBe('short-greeting');
  expect(unclear.reason).toBe('short-greeting');
  expect(unclear.features.finalSilenceMs / clear.features.finalSilenceMs).toBeCloseTo(1.3, 1);
});

test('a long sound that hardly rises and falls is noise', () => {
  const humming = noise(-30, 1_000).map((x, i) => x * (1 + 0.25 * Math.sin((2 * Math.PI * 3 * i) / 8_000)));
  const samples = onLine(joined(silence(500), humming));
  expect(detectCalleeType(samples)).toMatchObject({ reason: 'silence' });
  expect(detectCalleeType(samples, { longWordUnrestDb: 1.2 })).toMatchObject({ reason: 'short-greeting' });
});

test('who goes on for longer than persons do is a machine, also where most of it was not heard', () => {
  const words = Array.from({ length: 12 }, () => [speech(200), silence(250)]).flat();
  const samples = onLine(joined(silence(600), ...words));
  expect(detectCalleeType(samples, { ...never, stillTalkingMs: 9_000 })).toMatchObject({ reason: 'still-talking' });
  const patient = { ...never, stillTalkingMs: 9_000, longestPersonMs: 4_000 };
  expect(detectCalleeType(samples, patient)).toMatchObject({ reason: 'late-speech' });
});

test.each([
  [{ windowMs: 0 }, RangeError, 'windowMs must be a number from 20 to 60000, not 0'],
  [{ toneShare: 2 }, RangeError, 'toneShare must be'],
  [{ wordMs: NaN }, RangeError, 'wordMs must be'],
  [{ wordMs: 0 }, RangeError, 'wordMs must be a number from 20 to 60000, not 0'],
  [{ lowestBeepHz: -1 }, RangeError, 'lowestBeepHz must be'],
  [{ wordMs: '80' as unknown as number }, RangeError, 'wordMs must be'],
  [{ wordsMs: 80 }, TypeError, 'wordsMs is no option; those are windowMs, '],
] as const)('options that are none are refused: %p', (options: object, type, message) => {
  expect(() => calleeTypeOptions(options)).toThrow(type);
  expect(() => new CalleeTypeDetector(options)).toThrow(message);
});

test('the defaults keep their own bounds', () => {
  expect(calleeTypeOptions(defaultCalleeTypeOptions)).toEqual(defaultCalleeTypeOptions);
});

test('a frame of another size is refused', () => {
  expect(() => new CalleeTypeDetector().push(new Int16Array(80))).toThrow('a frame has 160 samples, not 80');
});
