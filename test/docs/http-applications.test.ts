/** The code of docs/guides/http-applications.md. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { startTestEngine, type TestEngine } from 'outdial/testing';
import { type HttpAnswer, httpApplication, type HttpQuestion } from 'outdial/worker';
import { Webhook } from 'standardwebhooks';
import { parse } from 'yaml';
import { configSchema } from '../../src/cli/config-schema';
import { answerSchema } from '../../src/http-application/verbs';
import { blockOf } from './blocks';

const page = 'docs/guides/http-applications.md';
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

// #region service
/** What to do now. */
function next({ event, call, outcomes = [] }: HttpQuestion): HttpAnswer {
  switch (event) {
    case 'answered':
      return { verbs: [{ verb: 'say', text: `Hello ${String(call.parameters['name'])}, this is the clinic.` }] };
    case 'callee-type':
      if (call.calleeType !== 'voice') return { verbs: [{ verb: 'hangup' }], result: { confirmed: false } };
      return {
        verbs: [
          { verb: 'say', text: 'You are expected tomorrow at nine. Press 1 to confirm, 2 to talk to us.' },
          { verb: 'gather', timeoutMs: 8_000 },
        ],
      };
    case 'done':
      switch (outcomes.at(-1)?.digits) {
        case '1':
          return { verbs: [{ verb: 'say', text: 'Thank you.' }], result: { confirmed: true } };
        case '2':
          return { verbs: [{ verb: 'transfer', to: '+16175550199' }], result: { confirmed: false } };
        default:
          return {};
      }
  }
}

const webhook = new Webhook(secret); // whsec_…, the one that the application has

const server = createServer(async (request, response) => {
  try {
    const body = await text(request); // as it came: that is what is signed
    const question = webhook.verify(body, request.headers as Record<string, string>) as HttpQuestion;
    response.end(JSON.stringify(next(question)));
  } catch {
    response.writeHead(401).end();
  }
});
// #endregion

const [ann, ben, cleo, clinic] = ['+16175550121', '+16175550122', '+16175550123', '+16175550199'] as const;
const questions: HttpQuestion[] = [];

let engine: TestEngine;
let url: string;
beforeAll(async () => {
  url = await listen(server);
  const verify = webhook.verify.bind(webhook);
  webhook.verify = (...signed) => {
    const question = verify(...signed) as HttpQuestion;
    questions.push(question);
    return question;
  };
  engine = await startTestEngine({
    applications: { reminder: httpApplication(url, { secret, networks: ['127.0.0.0/8'] }) },
    callees: {
      [ann]: { answers: 'voice', presses: '1' },
      [ben]: { answers: 'voice', presses: '2' },
      [cleo]: 'answeringmachine',
      [clinic]: { answers: 'voice', hangsUpAfterMs: 30_000 },
    },
  });
});
afterAll(async () => {
  await engine.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function listen(service: Server): Promise<string> {
  await once(service.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(service.address() as AddressInfo).port}/calls`;
}

test('the service does what the page says', async () => {
  const campaign = await engine.outdial.startCampaign(
    { campaignId: 'guide', queue: 'main', application: 'reminder', ani: '+16175550100' },
    Object.entries({ Ann: ann, Ben: ben, Cleo: cleo }).map(([name, destination]) => ({
      destination,
      parameters: { name },
    })),
  );
  await campaign.result();
  const records = [1, 2, 3].map((row) => campaign.call(`guide.1.${row}`).record());
  expect(await Promise.all(records)).toMatchObject([
    { calleeType: 'voice', result: { confirmed: true } },
    {
      result: { confirmed: false },
      attempts: [{ transfers: [{ to: clinic, outcome: 'answered', talkMs: 30_000 }] }],
    },
    { calleeType: 'answeringmachine', result: { confirmed: false } },
  ]);
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
});

test('the request of the page is one that was asked, and its answer what was answered', () => {
  const shown = JSON.parse(blockOf(page, 'json')) as HttpQuestion;
  const asked = questions.find(
    ({ call, outcomes }) => call.callId === 'guide.1.1' && outcomes?.at(-1)?.digits === '1',
  )!;
  // Which of the two comes first, the end of the greeting or the callee type, is the callee's affair.
  expect({ ...asked, step: shown.step, outcomes: asked.outcomes!.slice(-2) }).toEqual(shown);
  const answer = JSON.parse(blockOf(page, 'json', 1)) as HttpAnswer;
  expect(next(shown)).toEqual(answer);
  expect(answerSchema.safeParse(answer).success).toBe(true);
});

test('the configuration of the page is taken', () => {
  const read = configSchema('.', []).parse(parse(blockOf(page, 'yaml'))).applications;
  expect(read).toMatchObject({ reminder: { secret: 'clinic', networks: ['10.1.0.0/16'] }, ivr: { url: 'startUrl' } });
});
