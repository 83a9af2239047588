import { outcomeOf } from '../../../src/trunks/asterisk/outcomes';

test.each([
  [{ sip: 486, q850: 17 }, false, 'busy'],
  [{ sip: 480, q850: 19 }, true, 'no-answer'],
  [{ sip: 480, q850: 19 }, false, 'unreachable'],
  [{ sip: 401, q850: 21 }, false, 'line-fault'],
  [{ sip: 403, q850: 21 }, false, 'declined'],
  [{ sip: 503, q850: 34 }, false, 'line-fault'],
  [{ sip: 503, q850: 34 }, true, 'unreachable'],
  [{ q850: 1 }, false, 'invalid-number'],
  [{ q850: 17 }, true, 'busy'],
  [{ q850: 34 }, false, 'line-fault'],
  [{ q850: 34 }, true, 'unreachable'],
  [{ q850: 99 }, true, 'unreachable'],
  [{}, false, 'unreachable'],
])('%j, rang: %s: %s', (cause, isAlerted, outcome) => expect(outcomeOf(cause, isAlerted)).toBe(outcome));
