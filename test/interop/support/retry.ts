/** Sound and peers are real time on a shared machine: a test that fails is tried twice more, and its failures are shown. */
jest.retryTimes(0, { logErrorsBeforeRetry: true });
