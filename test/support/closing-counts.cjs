/** Closes a run with one plain line of counts, which CI systems read. */
module.exports = class ClosingCounts {
  onRunComplete(_contexts, { numPassedTests, numFailedTests, numPendingTests }) {
    process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`);
  }
};
