/** Values of options, and how answers are worded. */
import { InvalidArgumentError } from 'commander';
import type { CampaignProgress } from '../client/campaign-handle';
import type { Gate } from '../contract';
import { time } from './output';

export function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a whole number from 1.');
  return count;
}

export function parsePort(text: string): number {
  const port = parseCount(text);
  if (port > 65_535) throw new InvalidArgumentError('It must be 1–65535.');
  return port;
}

/** A span such as `90d`, in milliseconds. */
export function parseAge(text: string): number {
  const [, count, unit] = /^(\d+)([dhm])$/.exec(text) ?? [];
  const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000 }[unit ?? ''];
  const age = Number(count) * (unitMs ?? 0);
  if (age > 0) return age;
  throw new InvalidArgumentError('It must be days, hours or minutes: 90d, 12h, 30m.');
}

/** null: never. */
export function parseExpiration(text: string): string | null {
  if (text === 'never') return null;
  if (/(Z|[+-]\d\d:?\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))) return text;
  throw new InvalidArgumentError('It must be ISO 8601 with a zone, 2026-11-23T20:00:00Z, or never.');
}

/** Whether dials may start, in words. */
export function describeGate({ closing, pausedAt, expiresAt }: Gate): string {
  if (closing)
    return `closed (${closing.reason}); connected calls are ${closing.hangUp ? 'hung up' : 'left to finish'}`;
  const end = expiresAt === null ? 'never expires' : `expires ${time(expiresAt)}`;
  return pausedAt === undefined ? `open, ${end}` : `paused since ${time(pausedAt)}, ${end}`;
}

/** How a campaign stands, in one line. */
export function describeProgress(progress: CampaignProgress): string {
  const { state, reason, calls, ended, queued, dialing, connected, waiting } = progress;
  const how = reason === undefined ? state : `${state} (${reason})`;
  return (
    `${how}; ${ended.calls} of ${calls} calls ended: ${ended.completed} completed, ${ended.expired} expired, ` +
    `${ended.canceled} canceled, ${ended.rejected} rejected; ${queued} queued, ${dialing} dialing, ` +
    `${connected} connected, ${waiting} waiting for redial`
  );
}
