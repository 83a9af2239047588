import { topOfHour } from '../../src/spec/top-of-hour';
import { validateCall, validateCampaign } from '../../src/spec/validate';
import { mainQueue } from '../support/main-queue';

const day = 86_400_000;
const at = (time: string): number => Date.parse(`2026-11-23T${time}Z`);
const now = at('08:20:00');

const shared = { queue: 'main', application: 'app', ani: '+16175550100', redial: { waitMs: 60_000 } };

function campaign(more: object, nowMs = now): Pick<ReturnType<typeof validateCampaign>, 'window' | 'warnings'> {
  return validateCampaign({ campaignId: 'c', ...shared, ...more }, nowMs, [mainQueue]);
}

function call(more: object, nowMs = now): Pick<ReturnType<typeof validateCall>, 'window' | 'warnings'> {
  return validateCall({ destination: '+16175550123', ...shared, ...more }, nowMs, [mainQueue]);
}

test.each(['08:57:00.000', '09:00:00.000', '09:03:00.000'])('a start at %s is near the full hour', (time) => {
  expect(topOfHour(at(time))!.betterStarts).toEqual([at('09:15:00'), at('09:30:00'), at('09:45:00')]);
});

test.each(['08:56:59.999', '09:03:00.001', '09:15:00.000', '09:30:00.000', '09:45:00.000'])(
  'a start at %s is not near the full hour',
  (time) => expect(topOfHour(at(time))).toBeUndefined(),
);

test('the full hour may be midnight', () => {
  expect(topOfHour(at('23:59:00'))!.betterStarts[0]).toBe(at('00:15:00') + day);
});

describe.each([
  ['a campaign', campaign],
  ['a standalone call', call],
])('%s', (_what, validate) => {
  test('near the full hour is warned with better starts, and starts as asked', () => {
    const { window, warnings } = validate({ startAt: '2026-11-23T09:01:00Z' });
    expect(warnings).toHaveLength(1);
    for (const time of ['09:01:00', '09:15:00', '09:30:00', '09:45:00']) {
      expect(warnings[0]).toContain(`2026-11-23T${time}.000Z`);
    }
    expect(window).toEqual({ startAt: at('09:01:00'), expiresAt: at('09:01:00') + day });
  });

  test('is not warned elsewhere, and not moved', () => {
    const { window, warnings } = validate({ startAt: at('09:15:00'), onTopOfHour: 'shift' });
    expect(warnings).toEqual([]);
    expect(window).toEqual({ startAt: at('09:15:00'), expiresAt: at('09:15:00') + day });
  });

  test('is moved with `shift`, and expires 24 h after the start that it was moved to', () => {
    const { window, warnings } = validate({ startAt: at('08:58:00'), onTopOfHour: 'shift' });
    expect(window).toEqual({ startAt: at('09:15:00'), expiresAt: at('09:15:00') + day });
    expect(warnings[0]).toMatch(/shifted to the first of them$/);
  });

  test('that starts at once is warned and moved as well', () => {
    expect(validate({}, at('08:58:00')).warnings).toHaveLength(1);
    expect(validate({ onTopOfHour: 'shift' }, at('08:58:00')).window.startAt).toBe(at('09:15:00'));
    expect(validate({}, now).warnings).toEqual([]);
  });

  test('whose start has passed starts now: that start counts', () => {
    const { window, warnings } = validate({ startAt: at('08:00:00') });
    expect([window.startAt, warnings]).toEqual([now, []]);
  });

  test('is refused when moved beyond its own expiration', () => {
    const spec = { startAt: at('09:00:00'), expiresAt: at('09:10:00'), onTopOfHour: 'shift' };
    expect(() => validate(spec)).toThrow(/expiresAt: must be later than the start, 2026-11-23T09:15:00.000Z/);
  });
});
