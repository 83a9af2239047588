/**
 * Starts near the full hour collide with everybody else's. The Plum platform's advice for outbound calling is to begin
 * at a quarter past, half past or a quarter to instead.
 */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** How near to the full hour counts as near. */
const NEAR = 3 * MINUTE;

/** What to tell of a start near the full hour, with the next better times; undefined for any other start. */
export function topOfHour(startAt: number): { message: string; betterStarts: [number, number, number] } | undefined {
  const hour = Math.round(startAt / HOUR) * HOUR;
  if (Math.abs(startAt - hour) > NEAR) return undefined;
  const betterStarts: [number, number, number] = [hour + 15 * MINUTE, hour + 30 * MINUTE, hour + 45 * MINUTE];
  const [first, second, third] = betterStarts.map((time) => new Date(time).toISOString());
  return {
    message: `startAt ${new Date(startAt).toISOString()} is within 3 minutes of the full hour, when call volumes peak; better: ${first}, ${second} or ${third}`,
    betterStarts,
  };
}
