/** What became of the calls, for people and for programs. */
import type { CallRecord, CampaignResult } from 'outdial';
import type { Receiver } from './receiver';
import type { Screen } from './screen';

export interface Outcome {
  readonly result: CampaignResult;
  readonly records: readonly CallRecord[];
  readonly receiver: Receiver;
  readonly seconds: number;
  /** The campaign in Temporal's web UI. */
  readonly uiPage?: string;
}

export function printSummary(screen: Screen, { result, records, receiver, seconds, uiPage }: Outcome): void {
  const { state, reason } = result;
  const how = reason === undefined ? state : `${state}, ${reason}`;
  screen.say(`\n${screen.paint('bold', `Campaign ${result.campaignId}`)} (${how}) after ${seconds} s`);
  printRows(screen, [
    ['  calls', String(result.calls), `in ${result.attempts} attempts`],
    ['  completed', String(result.completed), countAnswers(records)],
    ['  expired', String(result.expired)],
    ['  canceled', String(result.canceled)],
    ['  rejected', String(result.rejected)],
    ['  results', String(receiver.calls.size), 'received, signatures verified'],
  ]);

  screen.say(`\n${screen.paint('bold', 'Not completed')}`);
  const open = records.filter((record) => record.state !== 'completed');
  printRows(screen, [['  call', 'reference', 'number', 'state', 'reason'], ...open.map(describeCall)]);
  if (uiPage) screen.say(`\nIn Temporal's UI: ${uiPage}`);
}

/** What did not hold; empty when all is well. */
export function findProblems({ result, records, receiver }: Outcome): string[] {
  const { calls, completed, expired, canceled, rejected } = result;
  const sum = completed + expired + canceled + rejected;
  const wrong = records.filter(({ callId, state }) => receiver.calls.get(callId)?.state !== state);
  return [
    ...(sum === calls ? [] : [`${calls} calls, but ${sum} of them have ended`]),
    ...(receiver.calls.size === calls ? [] : [`${calls} calls, but ${receiver.calls.size} results`]),
    ...(records.length === calls ? [] : [`${calls} calls, but ${records.length} records`]),
    ...wrong.map(({ callId, state }) => `call ${callId} is ${state}, but its result does not say so`),
    ...(receiver.campaign?.state === result.state ? [] : [`the campaign's own result did not arrive`]),
    ...receiver.refusals.map((why) => `a result was turned away: ${why}`),
  ];
}

export function toJson({ result, receiver, seconds }: Outcome): string {
  const { campaignId, state, calls, completed, expired, canceled, rejected, attempts } = result;
  const results = receiver.calls.size;
  return JSON.stringify({
    campaignId,
    state,
    calls,
    completed,
    expired,
    canceled,
    rejected,
    attempts,
    results,
    seconds,
  });
}

function describeCall(record: CallRecord): string[] {
  const { callId, messageReference = '–', destination, state, reason = '', attempts, lineFaults } = record;
  const number = destination === '' ? '–' : `…${destination.slice(-2)}`;
  const last = attempts.at(-1);
  const why = [
    reason,
    ...(last ? [`attempt ${last.number} met ${last.outcome} (${last.cause?.text ?? 'no cause'})`] : []),
    ...(lineFaults === undefined ? [] : [`${lineFaults} line faults`]),
  ];
  return [`  ${callId}`, messageReference, number, state, why.join('; ')];
}

/** What the application returned for each call, counted. */
function countAnswers(records: readonly CallRecord[]): string {
  const counts = new Map<string, number>();
  for (const { result } of records) {
    if (typeof result !== 'object' || result === null || !('answer' in result)) continue;
    const answer = String(result.answer);
    counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  return [...counts].map(([answer, count]) => `${count} ${answer}`).join(', ');
}

function printRows(screen: Screen, rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  for (const row of rows)
    screen.say(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    );
}
