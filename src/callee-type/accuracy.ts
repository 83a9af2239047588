/** How often callee-type detection was right on recordings that are labelled. */
import { CalleeType } from '../contract';

/** Callee types as detection answers them, in the order of tables. */
export const detectedTypes = [
  CalleeType.VOICE,
  CalleeType.ANSWERING_MACHINE,
  CalleeType.FAX,
  CalleeType.UNKNOWN,
] as const;
/** Who or what may have answered. */
export type DetectedType = (typeof detectedTypes)[number];

/** What was right, and what was answered. */
export interface Judged {
  readonly expected: DetectedType;
  readonly answered: DetectedType;
}

/** Right answers among all, with what chance leaves open. */
export interface Accuracy {
  readonly recordings: number;
  readonly right: number;
  /** 0–1; of no recordings, 0. */
  readonly share: number;
  /** Bounds of the share with 95 % confidence, by Wilson's score interval. */
  readonly from: number;
  readonly to: number;
}

/** How often each type was answered for each: `matrix[expected][answered]`. */
export type ConfusionMatrix = Readonly<Record<DetectedType, Readonly<Record<DetectedType, number>>>>;

/** How often that was right. */
export function accuracyOf(judged: readonly Judged[]): Accuracy {
  const recordings = judged.length;
  const right = judged.filter(({ expected, answered }) => expected === answered).length;
  return { recordings, right, share: recordings === 0 ? 0 : right / recordings, ...wilson(right, recordings) };
}

/** What was taken for what. */
export function confusionOf(judged: readonly Judged[]): ConfusionMatrix {
  const row = (expected: DetectedType): Record<DetectedType, number> =>
    byType((answered) => judged.filter((one) => one.expected === expected && one.answered === answered).length);
  return byType(row);
}

function byType<T>(value: (type: DetectedType) => T): Record<DetectedType, T> {
  return Object.fromEntries(detectedTypes.map((type) => [type, value(type)])) as Record<DetectedType, T>;
}

/** E. B. Wilson, 1927: holds its 95 % also near 0 and 1, where the usual ± does not. */
function wilson(right: number, n: number): { from: number; to: number } {
  if (n === 0) return { from: 0, to: 1 };
  const z = 1.959964;
  const middle = (right + z ** 2 / 2) / (n + z ** 2);
  const reach = (z / (n + z ** 2)) * Math.sqrt((right * (n - right)) / n + z ** 2 / 4);
  return { from: Math.max(0, middle - reach), to: Math.min(1, middle + reach) };
}
