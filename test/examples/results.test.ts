/** The receivers of docs/guides/results.md take what the engine really delivers. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { simulatedNumber } from 'outdial/worker';
import { childEnv } from '../../src/config';
import { findPython } from '../languages/python';
import { Engine } from '../support/engine';

const examples = join(__dirname, '../../examples');
const secret = `whsec_${randomBytes(32).toString('base64')}`;

let engine: Engine;
beforeAll(async () => {
  const application = () => ({ confirmed: true });
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 }, application, workers: { secrets: { crm: secret } } });
});
afterAll(() => engine.stop());

async function takesResults(command: string, args: string[]): Promise<void> {
  const child: ChildProcess = spawn(command, args, { env: childEnv({ RESULT_SECRET: secret, PORT: '0' }) });
  const closed = once(child, 'close');
  let stderr = '';
  child.stderr!.on('data', (data) => (stderr += String(data)));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`it ended: ${stderr}`);
    return value;
  };
  try {
    const port = /(\d+)\}?$/.exec(await line())![1];
    const resultUrl = `http://127.0.0.1:${port}/results`;
    const spec = engine.spec({ resultUrl, resultSecret: 'crm' });
    const campaign = await engine.outdial.startCampaign(spec, [{ destination: simulatedNumber('voice') }]);
    await campaign.result();
    const callId = `${campaign.campaignId}.1.1`;
    expect(await line()).toMatch(new RegExp(`^${callId} call.completed \\{"confirmed": ?true\\}$`));
    expect(await line()).toContain(`campaign.${campaign.campaignId} campaign.completed`);
    expect(await campaign.call(callId).record()).toMatchObject({ delivery: { state: 'delivered' } });

    await campaign.call(callId).redeliver();
    expect(await line()).toBe(`${callId} again`);

    const headers = {
      'webhook-id': 'forged',
      'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
      'webhook-signature': `v1,${randomBytes(32).toString('base64')}`,
    };
    const forged = await fetch(resultUrl, { method: 'POST', headers, body: '{"type":"call.completed","data":{}}' });
    expect(forged.status).toBe(400);
    expect(await line()).toContain('refused');
  } finally {
    child.kill();
    await closed;
  }
}

test('in Node.js', () => takesResults(process.execPath, ['--import', 'tsx', join(examples, 'results/receiver.ts')]));

const python = findPython();
if ('missing' in python) test.skip(`in Python: skipped, there is no ${python.missing}`, () => undefined);
else test('in Python', () => takesResults(python.interpreter, [join(examples, 'results/receiver.py')]));
