/**
 * On a machine that CI shares with others a test may run out of time: it is tried once more, and what it failed with is shown.
 * What witnesses that nobody is dialed twice and nothing is lost has to hold each time.
 */
const { testPath = '' } = expect.getState();
if (process.env['CI'] && !/crash|properties/.test(testPath)) jest.retryTimes(1, { logErrorsBeforeRetry: true });
