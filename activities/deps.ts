/** What activities work with; `createWorkers` puts it together. */
import type { Dispatcher } from 'undici';
import type { QueueInfo } from '../src/contract';
import type { Store } from '../src/store/store';
import type { Trunk } from '../src/trunks/trunk';
import type { Application, BeforeDial } from '../src/worker/application';
import type { Lines } from '../src/worker/lines';
import type { LiveCalls } from '../src/worker/live-calls';
import type { Metrics } from '../src/worker/metrics';
import type { Traces } from '../src/worker/traces';

/** A queue whose lines this process holds. */
export interface ServedQueue {
  readonly info: QueueInfo;
  readonly trunk: Trunk;
  /** What of the queue's lines this process may use. */
  readonly lines: Lines;
}

/** What activities need of their process. */
export interface ActivityDeps {
  /** Of PCI calls, or of all others. */
  readonly isPci: boolean;
  readonly store: Store;
  readonly queues: ReadonlyMap<string, ServedQueue>;
  readonly applications: Readonly<Record<string, Application>>;
  readonly beforeDial?: BeforeDial;
  /** Secrets that sign results, by name. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Posts results, to addresses that may be reached. */
  readonly dispatcher: Dispatcher;
  readonly liveCalls: LiveCalls;
  readonly metrics: Metrics;
  readonly traces?: Traces;
  /** The time by the Temporal server's clock, which tests may skip, in epoch milliseconds. */
  readonly now: () => number | Promise<number>;
  /** How long `postResult` tries before delivery moves to a workflow of its own, in milliseconds. */
  readonly resultTryMs: number;
}
