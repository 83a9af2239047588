/** The worker process of DBOS: a workflow of two steps for each call, in a queue with as many at a time as there are lines. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { callsOf, type Call, host, stepsOf } from '../job';
import { lines, maxAttempts, redialWaitMs } from '../rules';

const queueName = 'calls';
const startsAtOnce = 20;
/** A free line would wait for up to a second by default. */
const minPollingIntervalMs = 50;

void host(async (options) => {
  const { dial, report } = stepsOf(options);
  const redials = { retriesAllowed: true, maxAttempts, intervalSeconds: redialWaitMs / 1_000, backoffRate: 1 };
  const callOne = DBOS.registerWorkflow(
    async (call: Call) => {
      await DBOS.runStep(() => dial(call, DBOS.stepStatus?.currentAttempt ?? 1), { name: 'dial', ...redials });
      await DBOS.runStep(() => report(call), { name: 'report', retriesAllowed: true, maxAttempts: 10 });
    },
    { name: 'callOne' },
  );
  DBOS.setConfig({ name: 'peers', systemDatabaseUrl: options.server, logLevel: 'error' });
  await DBOS.launch();
  await DBOS.registerQueue(queueName, { workerConcurrency: lines, minPollingIntervalMs });
  return async (batch) => {
    const calls = callsOf(batch);
    for (let from = 0; from < calls.length; from += startsAtOnce) {
      const some = calls.slice(from, from + startsAtOnce);
      await Promise.all(some.map((call) => DBOS.startWorkflow(callOne, { queueName, workflowID: call.callId })(call)));
    }
  };
});
