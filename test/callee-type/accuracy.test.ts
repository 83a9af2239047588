import { accuracyOf, confusionOf, type DetectedType } from '../../src/callee-type/accuracy';

const judged = (expected: DetectedType, answered: DetectedType, times: number) =>
  Array.from({ length: times }, () => ({ expected, answered }));

test('shares have the bounds of Wilson', () => {
  // E. B. Wilson's interval for 99 of 100, and for 10 of 10.
  const most = accuracyOf([...judged('voice', 'voice', 99), ...judged('voice', 'fax', 1)]);
  expect(most).toMatchObject({ recordings: 100, right: 99, share: 0.99 });
  expect([most.from, most.to].map((x) => x.toFixed(4))).toEqual(['0.9455', '0.9982']);
  const all = accuracyOf(judged('fax', 'fax', 10));
  expect([all.from, all.to].map((x) => x.toFixed(4))).toEqual(['0.7225', '1.0000']);
  expect(accuracyOf([])).toEqual({ recordings: 0, right: 0, share: 0, from: 0, to: 1 });
});

test('the matrix says what was taken for what', () => {
  const matrix = confusionOf([...judged('voice', 'voice', 3), ...judged('answeringmachine', 'voice', 2)]);
  expect(matrix.voice).toEqual({ voice: 3, answeringmachine: 0, fax: 0, unknown: 0 });
  expect(matrix.answeringmachine.voice).toBe(2);
});
