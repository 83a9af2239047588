/**
 * Known vulnerabilities of what users install, and of what builds and tests it: `npm run audit`. High and critical ones fail it, and so
 * does a registry that should tell and does not.
 */
import { spawnSync } from 'node:child_process';

const level = 'high';
/** What mirrors answer that have no such endpoint. */
const noEndpoint = [404, 405];

interface Report {
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
  /** What the registry answered in place of a report. */
  readonly statusCode?: number;
  readonly message?: string;
}

const { stdout, stderr, status } = spawnSync('npm', ['audit', `--audit-level=${level}`, '--json'], {
  encoding: 'utf8',
});

process.exitCode = verdict(readReport());

function verdict({ metadata, statusCode, message }: Report): number {
  if (metadata) {
    const found = Object.entries(metadata.vulnerabilities).map(([severity, count]) => `${count} ${severity}`);
    console.log(`dependency audit: ${found.join(', ')}; it fails from "${level}" on`);
    if (status !== 0) console.log('`npm audit` has the details');
    return status ?? 1;
  }
  if (statusCode !== undefined && noEndpoint.includes(statusCode)) {
    console.log(`dependency audit SKIPPED: the registry has no reports, so nothing is known (${message})`);
    return 0;
  }
  console.log(`dependency audit FAILED: no report (${message || `npm ended with ${status}`})`);
  return 1;
}

function readReport(): Report {
  try {
    return JSON.parse(stdout) as Report;
  } catch {
    return { message: stderr.trim().split('\n').at(-1) ?? '' };
  }
}
