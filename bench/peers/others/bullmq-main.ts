/** The worker process of BullMQ: a queue for dials, with a job on each line, and one for results. A line is free once its call has ended. */
import { Queue, Worker } from 'bullmq';
import { type Call, callsOf, host, stepsOf } from '../job';
import { lines, maxAttempts, redialWaitMs } from '../rules';

const bulk = 500;

void host(async (options) => {
  const { dial, report } = stepsOf(options);
  const connection = { url: options.server, maxRetriesPerRequest: null };
  const dials = new Queue<Call>('dials', {
    connection,
    defaultJobOptions: { attempts: maxAttempts, backoff: { type: 'fixed', delay: redialWaitMs } },
  });
  const results = new Queue<Call>('results', {
    connection,
    defaultJobOptions: { attempts: 10, backoff: { type: 'exponential', delay: 1_000 } },
  });
  const dialer = new Worker<Call>(
    'dials',
    async ({ data, attemptsStarted }) => {
      await dial(data, attemptsStarted);
      await results.add('result', data, { jobId: data.callId });
    },
    { connection, concurrency: lines },
  );
  const reporter = new Worker<Call>('results', ({ data }) => report(data), { connection, concurrency: 100 });
  await Promise.all([dialer, reporter].map((worker) => worker.waitUntilReady()));
  return async (batch) => {
    const jobs = callsOf(batch).map((data) => ({ name: 'call', data, opts: { jobId: data.callId } }));
    for (let from = 0; from < jobs.length; from += bulk) await dials.addBulk(jobs.slice(from, from + bulk));
  };
});
