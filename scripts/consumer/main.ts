/** What a user's first program does with the installed package; compiled and run as ESM and as CommonJS. */
import { OutdialError, Outdial, type CampaignSpec } from 'outdial';
import { startGateway } from 'outdial/gateway';
import { startTestEngine } from 'outdial/testing';
import { createWorkers, OutdialPlugin, simulatedTrunk } from 'outdial/worker';
import { createActivities } from 'outdial/activities';
import type { campaign } from 'outdial/workflows';

export type Campaign = typeof campaign;

async function main(): Promise<void> {
  for (const value of [
    OutdialError,
    Outdial,
    createWorkers,
    OutdialPlugin,
    simulatedTrunk,
    createActivities,
    startGateway,
  ]) {
    if (typeof value !== 'function') throw new Error('an export is missing');
  }
  const engine = await startTestEngine({ applications: { reminder: (call) => `talked to ${call.destination}` } });
  try {
    const spec: CampaignSpec = { campaignId: 'first', queue: 'main', application: 'reminder', ani: '+16175550100' };
    const started = await engine.outdial.startCampaign(spec, [{ destination: '+16175550123' }]);
    const { completed } = await started.result();
    if (completed !== 1) throw new Error(`${completed} calls completed`);
  } finally {
    await engine.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
