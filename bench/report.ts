/** Results for people and for programs. */
import { type Bound, format, type Measurement, meets } from './figure';

/** All that a run of the bench has to say. */
export interface Report {
  readonly measurements: readonly Measurement[];
  /** Figures that this machine can't measure, and why. */
  readonly skipped: readonly string[];
  /** Figures that failed, and why. */
  readonly errors: readonly string[];
  readonly seconds: number;
}

export function printTable({ measurements, skipped, errors, seconds }: Report): void {
  const cells = measurements.map(({ name, measured, bound, unit, note }) => [
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
  for (const reason of skipped) console.log(`skipped: ${reason}`);
  for (const error of errors) console.log(`not measured: ${error}`);
  console.log(`${Math.round(seconds)} s`);
}

export function toJson({ measurements, skipped, errors, seconds }: Report): string {
  const figures = measurements.map((row) => ({ ...row, ok: meets(row.measured, row.bound) }));
  return JSON.stringify({ figures, skipped, errors, seconds: Math.round(seconds) });
}

function describe(bound: Bound): string {
  if ('atLeast' in bound) return `≥ ${bound.atLeast}`;
  return 'atMost' in bound ? `≤ ${bound.atMost}` : `< ${bound.below}`;
}
