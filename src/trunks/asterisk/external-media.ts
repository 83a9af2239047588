/** The port to a call's sound: a channel that ARI's `externalMedia` makes, and the way to it. */
import type { AriClient } from './ari-client';
import type { AsteriskSettings } from './options';

/** An open way. No method throws. */
export interface ExternalMedia {
  /** Resolves when sound no longer gets through, or it was closed. */
  readonly lost: Promise<void>;
  /** Every 20 ms: 160 samples, or nothing where nothing is played. */
  send(frame: Int16Array | undefined): void;
  /** Frees what is held here. The channel is the caller's to remove. */
  close(): void;
}

/** What is opened. */
export interface MediaSetup {
  readonly ari: AriClient;
  readonly settings: AsteriskSettings;
  /** Id that the channel gets. */
  readonly channelId: string;
  /** Takes 16-bit PCM, 8 kHz, as it comes; RTP has a timestamp. */
  readonly onSound: (samples: Int16Array, timestamp?: number) => void;
}

/** Makes the channel and opens the way to it; undefined where that can't be had now. The channel may be there even so. Never rejects. */
export type OpenMedia = (setup: MediaSetup) => Promise<ExternalMedia | undefined>;
