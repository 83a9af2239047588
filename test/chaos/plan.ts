/** What a round will do: campaigns, what is asked of them, and faults. */
import type { KillPoint } from '../support/worker-settings';

/** Asked of a campaign once so many of its dials were seen. */
export type Step = { readonly at: number } & (
  | { readonly what: 'pause'; readonly forMs: number }
  | { readonly what: 'cancel'; readonly hangUp: boolean }
  | { readonly what: 'extend'; readonly byMs: number }
  | { readonly what: 'add'; readonly destinations: readonly string[] }
);

export interface CampaignPlan {
  readonly id: string;
  /** Has no window and is never canceled, so that dials go on for as long as faults come. */
  readonly isSteady: boolean;
  /** Handed over once so many dials of the round were seen. */
  readonly at: number;
  readonly destinations: readonly string[];
  readonly startsInMs: number;
  /** From the start to the expiration; absent: a day. */
  readonly lastsMs?: number;
  readonly redial: { readonly maxAttempts: number; readonly waitMs: number };
  readonly priority: number;
  readonly steps: readonly Step[];
}

/** A call without a campaign. */
export interface SinglePlan extends Pick<CampaignPlan, 'id' | 'at' | 'startsInMs' | 'lastsMs' | 'redial'> {
  readonly destination: string;
  /** Once so many dials of its own were seen. */
  readonly cancel?: { readonly at: number; readonly hangUp: boolean };
}

/** What happens once so many dials of the round were seen. */
export type Fault = { readonly at: number } & (
  | { readonly what: 'kill-worker-at'; readonly point: KillPoint }
  | { readonly what: 'kill-worker' | 'restart-worker' | 'kill-gateway' }
  | { readonly what: TimedFault; readonly forMs: number }
  /** A worker stands still, or far away, while a campaign is paused or canceled. */
  | { readonly what: SignalFault; readonly forMs: number; readonly ask: 'pause' | 'cancel' }
);

export type TimedFault =
  | 'stop-worker'
  | 'kill-server'
  | 'stop-server'
  | 'kill-postgres'
  | 'stop-postgres'
  | 'stop-gateway'
  | 'kill-receiver'
  | 'stop-receiver'
  | 'receiver-fails'
  | 'receiver-hangs'
  | 'slow-receiver'
  | 'slow-gateway'
  | 'slow-postgres'
  | 'cut-connection'
  | 'slow-connection';
export type SignalFault = 'stop-worker-and-ask' | 'slow-connection-and-ask';

export interface RoundPlan {
  readonly round: number;
  readonly heartbeatTimeoutMs: number;
  readonly campaigns: readonly CampaignPlan[];
  readonly singles: readonly SinglePlan[];
  readonly faults: readonly Fault[];
}
