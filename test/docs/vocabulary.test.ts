/** states.md, outcomes.md, errors.md, http-api.md and environment.md of docs/reference have every word of the code, and no other. */
import {
  CalleeType,
  CallState,
  CampaignState,
  errorTable,
  isFinalCallState,
  Outcome,
  Reason,
  RedialCause,
  RedialInterrupted,
} from 'outdial';
import { simulatedNumber, simulatedTrunk, callees, type TrunkCall } from 'outdial/worker';
import { gatewayErrorTable } from '../../src/gateway/errors';
import { read } from './blocks';

/** Cells of a table below a heading, row by row, without its head. */
function table(page: string, heading: string): string[][] {
  const section = read(`docs/reference/${page}.md`).split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  const cells = (row: string): string[] =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('`', ''));
  return rows.slice(2).map(cells);
}

const first = (rows: string[][]): string[] => rows.map(([word]) => word!);

test('states of a call', () => {
  const rows = table('states', 'Of a call');
  expect(first(rows)).toEqual(Object.values(CallState));
  expect(rows.filter((row) => row[1] === 'final').map(([state]) => state)).toEqual(
    Object.values(CallState).filter(isFinalCallState),
  );
});

test('states of a campaign', () =>
  expect(first(table('states', 'Of a campaign'))).toEqual(Object.values(CampaignState)));

test('reasons of a call', () =>
  expect(first(table('states', 'Reasons of a call'))).toEqual([
    ...Object.values(Reason),
    'skipped: …',
    'any other text',
  ]));

test('outcomes, and which are redialed', () => {
  const rows = table('outcomes', 'Outcomes');
  expect(first(rows)).toEqual(Object.values(Outcome));
  const redialed = [...rows, ...table('outcomes', 'Callee types')].filter((row) =>
    /by default|if you ask/.test(row[2]!),
  );
  expect(first(redialed)).toEqual(Object.values(RedialCause));
});

test('rules of interrupted attempts', () =>
  expect(first(table('outcomes', 'Interrupted'))).toEqual(Object.values(RedialInterrupted)));

test('callee types', () => expect(first(table('outcomes', 'Callee types'))).toEqual(Object.values(CalleeType)));

test("the simulated trunk's causes", async () => {
  const trunk = simulatedTrunk({ ringMs: 0, talkMs: 0 });
  const dial = (destination: string): TrunkCall =>
    trunk.place({ callId: 'c', attempt: 1, destination, ani: '+16175550100', ringTimeoutMs: 0 });
  const ringing = dial(simulatedNumber('never-hangs-up'));
  await ringing.ringing;
  await ringing.hangUp();
  const kinds = Object.keys(callees).filter((kind) => !/hangs-up|line-fault/.test(kind)) as (keyof typeof callees)[];
  const ends = [await ringing.ended];
  for (const kind of kinds) ends.push(await dial(simulatedNumber(kind)).ended);
  const rows = ends.map(({ outcome, cause }) =>
    [outcome, cause?.sip ?? '', cause?.q850 ?? '', cause?.text ?? ''].map(String),
  );
  expect(new Set(table('outcomes', 'Causes').map(String))).toEqual(new Set(rows.map(String)));
});

test('errors, with their statuses', () => {
  const told = read('docs/reference/errors.md').matchAll(/^### (\w+)\n\n(\d+)\. /gm);
  expect([...told].map(([, code, status]) => [code, Number(status)])).toEqual(Object.entries(errorTable));
});

test("the gateway's errors, with their statuses", () =>
  expect(table('http-api', 'Errors').map(([code, status]) => [code, Number(status)])).toEqual(
    Object.entries(gatewayErrorTable),
  ));

test('environment variables', () => {
  const known = [...read('src/config.ts').matchAll(/\benv\.((?:OUTDIAL|TEMPORAL)_\w+)/g)].map(([, name]) => name!);
  const page = read('docs/reference/environment.md');
  const isTold = (name: string): boolean => page.includes(`\`${name}\``) || /^TEMPORAL_(ADDRESS|NAMESPACE)$/.test(name);
  expect(known.filter((name) => !isTold(name))).toEqual([]);
  const told = [...page.matchAll(/^\| `(OUTDIAL_\w+)`/gm)].map(([, name]) => name!);
  expect(told.filter((name) => !known.includes(name))).toEqual([]);
});
