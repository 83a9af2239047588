/** Times as people write them, and PHP's `strtotime` reads them: `now`, `oct 14th, 2011 11:05PM EST`, `+3 days`. */
import { type Component, casual, type ParsedComponents } from 'chrono-node';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Words that name a moment; `tonight` and `evening` do not. */
const words = /^(now|today|tomorrow|noon|midnight)$/;
/** Numbers that chrono and PHP read in different orders: `23-11-2026`, `23.11.2026`, `23/11/2026`, `2026-23-11`. */
const unclear = /\b\d{1,2}[-.]\d{1,2}[-.]\d{2,4}\b|(?<![\d/])(1[3-9]|[2-9]\d)\/\d|\b\d{4}[-/.](1[3-9]|[2-9]\d)\b/;

/**
 * Epoch milliseconds of a text; undefined unless all of it can be read as one moment. A zone may stand in the text: `EST`,
 * `+02:00`, `Europe/Berlin` at its end. A day without a time begins it; a day without a year is the next one; `+3 days` is
 * counted from now.
 *
 * @param zone - IANA zone of texts that name none
 */
export function naturalTime(text: string, zone: string, now: number): number | undefined {
  const [, written = '', named] = /^\s*(.*?)(?:\s+([A-Za-z]+\/[A-Za-z_/+-]+))?\s*$/s.exec(text) ?? [];
  const place = named ?? zone;
  const offset = offsetOf(place, now);
  if (offset === undefined || unclear.test(written)) return undefined;
  // chrono takes the offset of now; what it reads is put into the zone below, where that may differ.
  const [found, ...others] = casual.parse(
    written,
    { instant: new Date(now), timezone: offset / MINUTE },
    { forwardDate: true },
  );
  if (!found || others.length > 0 || found.text !== written || found.end) return undefined;
  const tags = [...found.tags()];
  const vague = tags.some((tag) => tag.startsWith('casualReference/') && !words.test(tag.split('/')[1]!));
  if (vague) return undefined;
  const { start } = found;
  const hasTime = start.isCertain('hour') || tags.includes('result/relativeDate');
  const wall = wallOf(start, hasTime);
  const stated = start.isCertain('timezoneOffset') ? start.get('timezoneOffset') : null;
  return stated === null ? inZone(wall, place) : wall - stated * MINUTE;
}

/** What a clock on the wall shows, as if it were UTC. */
function wallOf(parts: ParsedComponents, hasTime: boolean): number {
  const part = (name: Component): number => parts.get(name) ?? 0;
  const day = Date.UTC(part('year'), part('month') - 1, part('day'));
  if (!hasTime) return day;
  const minutes = part('hour') * 60 + part('minute');
  return day + minutes * MINUTE + part('second') * 1_000 + part('millisecond');
}

/** When a clock of the zone shows that: the earlier time of two, and past the gap where there is none. */
function inZone(wall: number, zone: string): number {
  const [before, after] = [offsetOf(zone, wall - DAY)!, offsetOf(zone, wall + DAY)!];
  const fits = [before, after].find((offset) => offsetOf(zone, wall - offset) === offset);
  return wall - (fits ?? before);
}

/** How far the zone is ahead of UTC at a time, in milliseconds; undefined for a zone that does not exist. */
function offsetOf(zone: string, at: number): number | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours, minutes] = /^GMT(?:([+-])(\d\d):(\d\d))?/.exec(name) ?? [];
    if (sign === undefined) return 0;
    return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE;
  } catch {
    return undefined;
  }
}
