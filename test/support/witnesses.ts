/**
 * The tests whose point is that nobody is dialed twice, nothing is lost and limits hold, by their paths. That has to be so each
 * time: a second try would hide what they are for.
 */
export function isWitness(testPath: string): boolean {
  return /\/test\/.*(crash|chaos|properties|production|versioning|postgres-faults|own-schema|line-leases|engine\/lines|(asterisk|twilio)\/engine)/.test(
    testPath,
  );
}
