import type {
  AsteriskTrunkOptions,
  Deployment,
  SimulatedTrunkOptions,
  SipTrunkOptions,
  TwilioTrunkOptions,
} from 'outdial/worker';
import type { StoreAt } from './store-at';

/** In a call's order. `ended`: nothing of the end is written down yet. `posting`, `posted`: around the post of its result. */
export const killPoints = [
  'before-intent',
  'after-intent',
  'ringing',
  'talking',
  'ended',
  'recorded',
  'posting',
  'posted',
] as const;
/** `created`: Asterisk has made the channel, and nobody is dialed yet. */
export type KillPoint = (typeof killPoints)[number] | 'created';

/** What a worker process is told. */
export interface WorkerSettings {
  readonly address: string;
  readonly namespace: string;
  readonly folder: string;
  /** In place of the folder's. */
  readonly store?: StoreAt;
  readonly workflowBundle: string;
  /** 0: none of the queue's. */
  readonly lines: number;
  readonly callsPerSecond?: number;
  readonly heartbeatTimeoutMs: number;
  readonly trunk: SimulatedTrunkOptions;
  /** In place of simulated callees. */
  readonly asterisk?: AsteriskTrunkOptions;
  readonly sip?: SipTrunkOptions;
  readonly twilio?: TwilioTrunkOptions;
  /** With a bundle that is versioned. @defaultValue no version */
  readonly deployment?: Deployment;
  /** The first process of the folder to get there dies. A process may also be sent {@link KillOrder}s. */
  readonly killAt?: KillPoint;
  /** @defaultValue 2000 */
  readonly resultTryMs?: number;
  /** The application is a service at this URL, on loopback. */
  readonly serviceUrl?: string;
}

/** A message to a worker process: it dies when next it gets there; or not any more. */
export interface KillOrder {
  readonly killAt?: KillPoint;
}

const variable = 'OUTDIAL_TEST_WORKER';

export function workerEnv(settings: WorkerSettings): NodeJS.ProcessEnv {
  return { ...process.env, [variable]: JSON.stringify(settings) };
}

export function readWorkerSettings(): WorkerSettings {
  return JSON.parse(process.env[variable]!) as WorkerSettings;
}
