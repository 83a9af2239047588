/** For who imports it: sound and peers are real time on a shared machine, so a test that fails is tried twice more, and its failures are shown. */
jest.retryTimes(2, { logErrorsBeforeRetry: true });
