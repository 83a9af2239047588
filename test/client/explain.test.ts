import type { CallRecord, CallState } from 'outdial';
import { DialFailure } from 'outdial';
import { explain, type ExplainFacts } from '../../src/client/explain';

const now = Date.parse('2026-11-23T12:00:00Z');
const later = now + 60_000;

function call(state: CallState, more: Partial<CallRecord> = {}): CallRecord {
  return {
    callId: 'c.1.1',
    queue: 'main',
    application: 'app',
    state,
    destination: '+16175550110',
    ani: '+16175550100',
    parameters: {},
    submitted: { destination: '+16175550110' },
    maxAttempts: 1,
    redialWaitMs: 300_000,
    attempts: [],
    delivery: { state: 'none' },
    ...more,
  };
}

const queue = { queue: 'main', backlog: 7, workers: 2, lines: 10 };
const dial = {
  started: false,
  scheduledAt: now - 1,
  log: { attempts: [] },
  lastFailure: undefined,
  lastMessage: undefined,
};

const cases: [string, Partial<ExplainFacts> & Pick<ExplainFacts, 'record'>, (string | RegExp)[], number?][] = [
  [
    'an ended call says how',
    { record: call('expired', { reason: 'attempts-exhausted', endedAt: now }) },
    ['it ended at 2026-11-23T12:00:00.000Z: expired, attempts-exhausted'],
  ],
  [
    'a live call says since when',
    { record: call('dialing', { attempts: [{ number: 1, dialedAt: now }] }) },
    [/being dialed since/],
  ],
  ['before the window', { record: call('scheduled'), startAt: later }, [/window opens 2026-11-23T12:01/], later],
  [
    'a pause hides when it goes on',
    { record: call('scheduled'), startAt: later, gate: { expiresAt: null, pausedAt: now } },
    [/paused since 2026-11-23T12:00/, /window opens/],
  ],
  [
    'a redial wait',
    {
      record: call('failed', { attempts: [{ number: 1, dialedAt: now, endedAt: now, outcome: 'busy' }] }),
      dial: { ...dial, scheduledAt: later, lastFailure: DialFailure.REDIAL },
    },
    [/attempt 1 met busy: its redial wait ends 2026-11-23T12:01/],
    later,
  ],
  [
    'a deferral',
    {
      record: call('queued'),
      dial: { ...dial, scheduledAt: later, lastFailure: DialFailure.DEFERRED, lastMessage: 'beforeDial defers' },
    },
    [/put off \(beforeDial defers\) until 2026-11-23T12:01/],
    later,
  ],
  [
    'a line fault',
    {
      record: call('queued'),
      dial: { ...dial, scheduledAt: later, lastFailure: DialFailure.LINE_FAULT, lastMessage: 'no trunk' },
    },
    [/trunk could not dial \(no trunk\)/],
    later,
  ],
  [
    'a backlog',
    { record: call('queued'), started: true, dial, queue },
    [/about 7 calls wait, served by 2 worker processes on 10 lines/],
  ],
  [
    'nobody polls',
    { record: call('queued'), started: true, dial, queue: { ...queue, workers: 0 } },
    [/no worker has asked queue main/],
  ],
  [
    'a trunk that is down, of which no line asks for a call',
    { record: call('queued'), started: true, dial, queue: { ...queue, workers: 0, outOfService: 'no network' } },
    ['the lines of queue main are out of service until its trunk can dial: no network'],
  ],
  ['not started by its campaign', { record: call('queued'), queue }, [/has not queued it yet/, /idle line/]],
  [
    'a closing campaign',
    {
      record: call('queued'),
      gate: { expiresAt: null, closing: { state: 'expired', reason: 'window-closed', hangUp: false, at: now } },
    },
    [/window was closed .*window-closed/],
  ],
];

test.each(cases.map(([what, facts, because, nextDialAt]) => ({ what, facts, because, nextDialAt })))(
  '$what',
  ({ facts, because, nextDialAt }) => {
    const explanation = explain({ now, ...facts });
    expect(explanation.because).toEqual(because.map((text) => expect.stringMatching(text)));
    expect(explanation.nextDialAt).toBe(nextDialAt);
  },
);
