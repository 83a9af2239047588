/** The bench's judge of killed workers, with forged ledgers. */
import type { LedgerEntry } from 'outdial/worker';
import { judge, live, type Post } from '../../bench/peers/witnesses';

/** `a:dial@0` */
function ledgerOf(...lines: readonly string[]): LedgerEntry[] {
  return lines.map((line) => {
    const [callId, event, at] = line.split(/[:@]/) as [string, LedgerEntry['event'], string];
    return { callId, event, at: Number(at), attempt: 1, pid: 1 };
  });
}

const posted = (id: string, at: number): Post => ({ id, at });

const nothing = {
  'never rung': 0,
  'rung again': 0,
  '– after they had answered': 0,
  '– before the redial wait': 0,
  '– after their result': 0,
  'dials beyond the allowed': 0,
  'results lost': 0,
  'results twice': 0,
};

test('a call that is rung once and reported once', () => {
  const ledger = ledgerOf('a:dial@0', 'a:answer@1', 'a:end@2');
  expect(judge(1, ledger, [posted('a', 3)])).toEqual(nothing);
});

test('a redial after the wait', () => {
  const ledger = ledgerOf('a:dial@0', 'a:ringing@1', 'a:dial@60001', 'a:answer@60002', 'a:end@60003');
  expect(judge(1, ledger, [posted('a', 60_004)])).toEqual({ ...nothing, 'rung again': 1 });
});

test('a redial too early, of somebody who had answered, whose result is there', () => {
  const ledger = ledgerOf('a:dial@0', 'a:answer@1', 'a:end@2', 'a:dial@59990', 'a:answer@59991', 'a:end@59992');
  expect(judge(1, ledger, [posted('a', 3), posted('a', 59_993)])).toEqual({
    ...nothing,
    'rung again': 1,
    '– after they had answered': 1,
    '– before the redial wait': 1,
    '– after their result': 1,
    'results twice': 1,
  });
});

test('a callee who is never rung, a result that never comes, a fourth dial', () => {
  const ledger = ledgerOf('a:dial@0', 'a:dial@60000', 'a:dial@120000', 'a:dial@180000');
  expect(judge(2, ledger, [])).toEqual({
    ...nothing,
    'never rung': 1,
    'rung again': 1,
    'dials beyond the allowed': 1,
    'results lost': 2,
  });
});

test('who rings and who talks', () => {
  const ledger = ledgerOf('a:dial@0', 'b:dial@0', 'b:ringing@1', 'c:dial@0', 'c:answer@1', 'd:dial@0', 'd:end@9');
  expect(live(ledger)).toEqual({ ringing: 2, talking: 1 });
});
