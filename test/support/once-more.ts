/** On a machine that CI shares with others a test may run out of time: it is tried once more, and what it failed with is shown. */
import { isWitness } from './witnesses';

const { testPath = '' } = expect.getState();
if (process.env['CI'] && !isWitness(testPath)) jest.retryTimes(1, { logErrorsBeforeRetry: true });
