/** What an operator watches, on the meter of Temporal's SDK: one Prometheus endpoint has both its metrics and these. */
import type { MetricMeter } from '@temporalio/common';
import type { Attempt, FinalCallRecord } from '../contract';

/** Where a call is that holds a line. */
export type LinePhase = 'dialing' | 'connected';

const seconds = {
  outdial_queue_wait_seconds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 14_400],
  outdial_answer_seconds: [1, 2, 4, 6, 8, 10, 15, 20, 25, 30, 45, 60, 120],
  outdial_talk_seconds: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_800, 3_600, 14_400],
  outdial_delivery_seconds: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 600, 3_600, 86_400, 259_200],
} as const satisfies Record<`outdial_${string}_seconds`, readonly number[]>;

/**
 * Upper bounds of outdial's histograms in seconds, by metric: `histogramBucketOverrides` of the SDK's metrics exporter.
 * Without them its buckets, which are for milliseconds, are taken.
 */
export const histogramBuckets: Record<string, number[]> = Object.fromEntries(
  Object.entries(seconds).map(([name, bounds]) => [name, [...bounds]]),
);

/**
 * Counts what has become durable, once: an activity that is tried again counts nothing anew. Labels are `namespace`, `queue`
 * and names of closed vocabularies; never an id, a number or a text.
 */
export class Metrics {
  private readonly busy = new Map<string, Record<LinePhase, number>>();
  private readonly calls;
  private readonly attempts;
  private readonly calleeTypes;
  private readonly lineFaults;
  private readonly deliveries;
  private readonly deliveryFailures;
  private readonly queueWait;
  private readonly answer;
  private readonly talk;
  private readonly delivery;
  private readonly linesLeased;
  private readonly linesBusy;
  private readonly trunkUp;
  private readonly waiting = new Map<string, number>();
  private readonly callsWaiting;

  /** @param meter - of the process's runtime; it does nothing where that exports no metrics */
  constructor(meter: MetricMeter, namespace: string) {
    const tagged = meter.withTags({ namespace });
    const histogram = (name: keyof typeof seconds, description: string) =>
      tagged.createHistogram(name, 'float', 's', description);
    this.calls = tagged.createCounter('outdial_calls_total', '', 'Calls that have ended, by final state');
    this.attempts = tagged.createCounter('outdial_attempts_total', '', 'Dials that have ended, by outcome');
    this.calleeTypes = tagged.createCounter('outdial_callee_types_total', '', 'Who or what answered');
    this.lineFaults = tagged.createCounter('outdial_line_faults_total', '', 'Dials that the trunk could not place');
    this.deliveries = tagged.createCounter('outdial_deliveries_total', '', 'Results delivered, or given up');
    this.deliveryFailures = tagged.createCounter('outdial_delivery_failures_total', '', 'Posts that a receiver failed');
    this.queueWait = histogram('outdial_queue_wait_seconds', 'From when a dial was due until it had a line');
    this.answer = histogram('outdial_answer_seconds', 'From dial to answer');
    this.talk = histogram('outdial_talk_seconds', 'From answer to hang-up');
    this.delivery = histogram('outdial_delivery_seconds', 'From the end of a call or campaign to its delivered result');
    this.linesLeased = tagged.createGauge('outdial_lines_leased', 'int', '', 'Lines that this process may use');
    this.linesBusy = tagged.createGauge('outdial_lines_busy', 'int', '', 'Lines of this process with a call on them');
    this.trunkUp = tagged.createGauge('outdial_trunk_up', 'int', '', 'Whether the trunk can place calls, here');
    this.callsWaiting = tagged.createGauge('outdial_calls_waiting', 'int', '', 'Calls of this process between redials');
  }

  /** Whether the queue's trunk can place calls in this process, as far as it says so. */
  setTrunkUp(queue: string, isUp: boolean): void {
    this.trunkUp.set(isUp ? 1 : 0, { queue });
  }

  /** Lines that this process may use on a queue from now on. */
  setLines(queue: string, lines: number): void {
    this.linesLeased.set(lines, { queue });
    this.lineChanged(queue);
    this.waitingChanged(queue, 0);
  }

  /** A line went from one phase to another; undefined: it is free. */
  lineChanged(queue: string, from?: LinePhase, to?: LinePhase): void {
    const busy = this.busy.get(queue) ?? { dialing: 0, connected: 0 };
    this.busy.set(queue, busy);
    if (from) busy[from]--;
    if (to) busy[to]++;
    for (const phase of ['dialing', 'connected'] as const) this.linesBusy.set(busy[phase], { queue, phase });
  }

  /** More or fewer calls wait for their redial, that this process dialed last. */
  waitingChanged(queue: string, by: number): void {
    const waiting = (this.waiting.get(queue) ?? 0) + by;
    this.waiting.set(queue, waiting);
    this.callsWaiting.set(waiting, { queue });
  }

  /** The final record of a call is kept. */
  callEnded({ queue, state }: FinalCallRecord): void {
    this.calls.add(1, { queue, state });
  }

  /** @param waitMs - since it was due */
  dialPlaced(queue: string, waitMs: number): void {
    this.queueWait.record(Math.max(0, waitMs) / 1_000, { queue });
  }

  /** The end of an attempt is kept. */
  attemptEnded(queue: string, { outcome, dialedAt, answeredAt, endedAt, calleeType }: Attempt): void {
    this.attempts.add(1, { queue, outcome: outcome! });
    if (answeredAt === undefined) return;
    this.answer.record(Math.max(0, answeredAt - dialedAt) / 1_000, { queue });
    this.talk.record(Math.max(0, endedAt! - answeredAt) / 1_000, { queue });
    if (calleeType !== undefined) this.calleeTypes.add(1, { queue, callee_type: calleeType });
  }

  lineFault(queue: string): void {
    this.lineFaults.add(1, { queue });
  }

  /** @param delayMs - since the call or campaign had ended */
  delivered(queue: string, delayMs: number): void {
    this.deliveries.add(1, { queue, state: 'delivered' });
    this.delivery.record(Math.max(0, delayMs) / 1_000, { queue });
  }

  undelivered(queue: string): void {
    this.deliveries.add(1, { queue, state: 'undelivered' });
  }

  deliveryFailed(queue: string): void {
    this.deliveryFailures.add(1, { queue });
  }
}
