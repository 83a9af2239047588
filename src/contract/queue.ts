/** What workers publish of a queue, for clients to check specs against and to count live calls. */

/** A queue's settings, as its workers run it. */
export interface QueueInfo {
  readonly queue: string;
  /** Name of the trunk adapter. */
  readonly trunk: string;
  /** Lines over all worker processes. */
  readonly lines: number;
  /** Caller IDs that may be used, E.164. */
  readonly callerIds: readonly string[];
  /** Shortest redial wait that a spec may ask for. */
  readonly minRedialWaitMs: number;
  /** After this long without a sign of life a line's call counts as lost. */
  readonly heartbeatTimeoutMs: number;
  readonly callsPerSecond?: number;
  /** Campaigns take turns at the lines. */
  readonly fair?: boolean;
  /** Set when the queue dials PCI calls, and no others. */
  readonly pci?: PciRules;
  /** Names of applications that the queue's workers run. */
  readonly applications: readonly string[];
  /** Names of secrets that the workers can sign results with. */
  readonly secrets: readonly string[];
}

/** What holds for all calls of a PCI queue. */
export interface PciRules {
  /** What the URLs that calls name must lie under, https each: `https://pay.example/results`; a bare origin allows all of it. */
  readonly allowedUrls: readonly string[];
}

/** Live calls of one campaign (or of standalone calls, key ``) or of one queue (`queueCountsKey`) on one worker. */
export interface LiveCounts {
  readonly dialing: number;
  readonly connected: number;
  /** Waiting for a redial. */
  readonly waiting: number;
}
