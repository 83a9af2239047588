/** Known vulnerabilities of what users install: `npm run audit`. High and critical ones fail it. */
import { spawnSync } from 'node:child_process';

const level = 'high';

interface Report {
  /** Of the registry, where it did not answer with a report. */
  readonly error?: { readonly code?: string; readonly summary?: string };
  readonly message?: string;
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
}

const { stdout, stderr, status } = spawnSync('npm', ['audit', '--omit=dev', `--audit-level=${level}`, '--json'], {
  encoding: 'utf8',
});

process.exitCode = verdict();

function verdict(): number {
  let report: Report;
  try {
    report = JSON.parse(stdout) as Report;
  } catch {
    report = { message: stderr.trim().split('\n').at(-1) };
  }
  if (!report.metadata) {
    // Mirrors and air-gapped registries have no such endpoint. Nothing is known then, and the output says so.
    const why = [report.message, report.error?.code, report.error?.summary].filter(Boolean).join(' ');
    console.log(`dependency audit SKIPPED: the registry gives no report (${why || `npm ended with ${status}`})`);
    return 0;
  }
  const found = Object.entries(report.metadata.vulnerabilities).map(([severity, count]) => `${count} ${severity}`);
  console.log(`dependency audit: ${found.join(', ')}; it fails from "${level}" on`);
  if (status !== 0) console.log('`npm audit --omit=dev` has the details');
  return status ?? 1;
}
