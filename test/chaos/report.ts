/** What a run comes to: counts, invariants, and the evidence of what was violated. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { killPoints } from '../support/worker-settings';
import { addCoverage, type Coverage, coverageOf, noCoverage, type Stops } from './coverage';
import type { Evidence } from './evidence';
import { type Invariant, invariants, type Violation } from './judge';
import type { RoundResult } from './round';

/** So many of each kind are printed; all are in the folder. */
const printed = 5;

/** Sums over the rounds of a run. */
export class Report {
  readonly violations: Violation[] = [];
  private rounds = 0;
  private calls = 0;
  private dials = 0;
  private posts = 0;
  private kills = 0;
  private coverage = noCoverage;
  private lines = 0;
  private readonly faults = new Map<string, number>();
  private readonly states = new Map<string, number>();

  /** @param keeps - also the evidence of rounds in which nothing is violated */
  constructor(
    private readonly folder: string,
    private readonly keeps: boolean,
  ) {}

  /** @returns the round in a line */
  add(round: number, { evidence, violations, faults, kills, seconds }: RoundResult): string {
    const dials = evidence.ledger.filter(({ event }) => event === 'dial').length;
    const calls = evidence.accepted.reduce((sum, { callIds }) => sum + callIds.length, 0);
    this.rounds++;
    this.calls += calls;
    this.dials += dials;
    this.posts += evidence.posts.length;
    this.kills += kills;
    this.coverage = addCoverage(this.coverage, coverageOf(evidence));
    this.lines = evidence.lines;
    for (const [what, count] of faults) add(this.faults, what, count);
    for (const { state } of evidence.records.values()) add(this.states, state, 1);
    this.violations.push(...violations);
    if (this.keeps || violations.length > 0) keepEvidence(join(this.folder, `round-${round}`), evidence, violations);
    return `round ${round}: ${calls} calls, ${dials} dials, ${kills} kills, ${violations.length} violations, ${seconds.toFixed(0)} s`;
  }

  print(seconds: number): void {
    const { rounds, calls, dials, posts, kills, violations } = this;
    console.log(
      `\n${rounds} rounds, ${calls} calls, ${dials} dials, ${posts} posts, ${kills} kills, ${seconds.toFixed(0)} s`,
    );
    console.log('\nfinal states');
    for (const [state, count] of [...this.states].sort()) line(state, count);
    console.log('\nkilled at');
    for (const point of killPoints) line(point, this.faults.get(point) ?? 0);
    console.log('\nother faults');
    const others = [...this.faults].filter(([what]) => !(killPoints as readonly string[]).includes(what));
    for (const [what, count] of others.sort()) line(what, count);
    printCoverage(this.coverage, this.lines);
    printVerdict(violations);
  }
}

/** That no rule held for want of anything to break it. */
function printCoverage(coverage: Coverage, lines: number): void {
  const { pauses, cancels, expirations, mostAtOnce, unwritten } = coverage;
  console.log('\nwhat was judged');
  const stops = (what: string, { judged, amidDials, dialsBefore, dialsAfter }: Stops): void => {
    line(what, judged);
    line('  with a dial of the same campaign or call from 5 s before they were asked for', amidDials);
    line('  dials from then to the answer, and in the second after it', `${dialsBefore}, ${dialsAfter}`);
  };
  stops('pauses that were answered', pauses);
  stops('cancels that were answered', cancels);
  stops('windows that closed', expirations);
  line('most calls at once', `${mostAtOnce} on ${lines} lines`);
  line('rung again, as the answer was not written down yet', unwritten.length);
  for (const { callId, attempt, answeredAt, lostAfterMs } of unwritten)
    line(`  ${callId}, attempt ${attempt}, at ${clock(answeredAt)}, killed after`, `${lostAfterMs} ms`);
}

/** What is wrong, and all that the witnesses say of it. */
export function keepEvidence(folder: string, evidence: Evidence, violations: readonly Violation[]): void {
  mkdirSync(folder, { recursive: true });
  const subjects = new Set(violations.map(({ subject }) => subject));
  const { ledger, posts, accepted, records, ...rest } = evidence;
  const write = (name: string, value: unknown): void =>
    writeFileSync(join(folder, `${name}.json`), JSON.stringify(value, undefined, 1));
  write('violations', violations);
  write('ledger', ledger);
  write('posts', posts);
  write('accepted', accepted);
  write(
    'records',
    [...records.values()].filter(({ callId, campaignId = callId }) => subjects.has(callId) || subjects.has(campaignId)),
  );
  write('rest', rest);
}

/** Invariant by invariant, with what was found. */
export function printVerdict(violations: readonly Violation[]): void {
  console.log('\ninvariants');
  for (const [invariant, text] of Object.entries(invariants)) {
    const found = violations.filter((violation) => violation.invariant === (invariant as Invariant));
    line(text, found.length === 0 ? 'held' : `VIOLATED ${found.length} times`);
    for (const { subject, what } of found.slice(0, printed)) console.log(`    ${subject}: ${what}`);
  }
}

/** As it is told when faults come. */
export function clock(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** A line of a table. */
export function line(what: string, value: string | number): void {
  console.log(`  ${what.padEnd(80)}${value}`);
}

function add(counts: Map<string, number>, what: string, count: number): void {
  counts.set(what, (counts.get(what) ?? 0) + count);
}
