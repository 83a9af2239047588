/** Results for people and for programs. */
import { type Bound, format, type Measurement, meets } from './figure';

export function printTable(rows: readonly Measurement[], errors: readonly string[], seconds: number): void {
  const cells = rows.map(({ name, measured, bound, unit, note }) => [
    name,
    `${format(measured)}${unit === undefined ? '' : ` ${unit}`}`,
    describe(bound),
    meets(measured, bound) ? 'yes' : 'NO',
    note ?? '',
  ]);
  const table = [['figure', 'measured', 'bound', 'ok', ''], ...cells];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  for (const row of table)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    );
  for (const error of errors) console.log(`not measured: ${error}`);
  console.log(`${Math.round(seconds)} s`);
}

export function toJson(rows: readonly Measurement[], errors: readonly string[], seconds: number): string {
  const figures = rows.map((row) => ({ ...row, ok: meets(row.measured, row.bound) }));
  return JSON.stringify({ figures, errors, seconds: Math.round(seconds) });
}

function describe(bound: Bound): string {
  if ('atLeast' in bound) return `≥ ${bound.atLeast}`;
  return 'atMost' in bound ? `≤ ${bound.atMost}` : `< ${bound.below}`;
}
