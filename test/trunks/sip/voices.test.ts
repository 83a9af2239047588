/** What the loopback network's telephones say is heard as who they are. */
import { CalleeTypeDetector, frameSize } from '../../../src/callee-type';
import { speech, tone } from '../../../src/trunks/sip/loopback';

function heard(...parts: (Int16Array | number)[]) {
  const samples = parts.flatMap((part) => (typeof part === 'number' ? Array<number>(part * 8).fill(0) : [...part]));
  const detector = new CalleeTypeDetector();
  for (let at = 0; at + frameSize <= samples.length; at += frameSize) {
    const decision = detector.push(Int16Array.from(samples.slice(at, at + frameSize)));
    if (decision) return [decision.calleeType, decision.reason];
  }
  const { calleeType, reason } = detector.finish();
  return [calleeType, reason];
}

test.each([
  ['a person', [300, speech(500), 4_000], ['voice', 'short-greeting']],
  ['a machine', [300, speech(6_000)], ['answeringmachine', 'long-greeting']],
  ['a machine of few words', [300, speech(700), tone(400, 1_000), 3_000], ['answeringmachine', 'beep']],
  ['a fax', [300, tone(3_000, 2_100)], ['fax', 'fax-answer-tone']],
  ['nobody', [4_000], ['unknown', 'silence']],
])('%s', (_who, parts, decision) => {
  expect(heard(...(parts as Int16Array[]))).toEqual(decision);
});
