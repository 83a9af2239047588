/** A gateway that closes, requests that are too slow, and bodies that are too large. */
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request as open } from 'node:http';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { simulatedNumber } from 'outdial/worker';
import { Engine } from '../support/engine';
import { eventually } from '../support/eventually';
import { basic, clinic, startTestGateway } from '../support/gateway';

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 } });
});
afterAll(() => engine.stop());

const boundary = 'boundary';

/** An upload whose file is still to come. */
async function beginUpload(url: string, campaignId: string): Promise<ClientRequest> {
  const upload = open(`${url}/v1/campaigns`, {
    method: 'POST',
    headers: { authorization: basic(clinic), 'content-type': `multipart/form-data; boundary=${boundary}` },
  });
  const part = (headers: string, text: string): string =>
    `--${boundary}\r\ncontent-disposition: form-data; ${headers}\r\n\r\n${text}`;
  upload.write(`${part('name="spec"', JSON.stringify({ campaignId, deployment: 'reminders' }))}\r\n`);
  await new Promise((resolve) => upload.write(part('name="calls"; filename="list.csv"', 'destination\n'), resolve));
  return upload;
}

async function answerOf(upload: ClientRequest): Promise<number> {
  const [response] = (await once(upload, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return response.statusCode!;
}

async function leftFolders(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith(`outdial-upload-${process.pid}-`));
}

test('what is in flight is finished, and nothing else is taken', async () => {
  const gateway = await startTestGateway(engine);
  const upload = await beginUpload(gateway.url, 'clinic_in-flight');
  await eventually(async () => (await leftFolders()).length === 1);
  const closing = gateway.close();
  const refused = await fetch(`${gateway.url}/health`).then(
    ({ status }) => status,
    () => 'refused',
  );
  expect([503, 'refused']).toContain(refused);
  upload.end(`${simulatedNumber('voice')}\r\n--${boundary}--\r\n`);
  expect(await answerOf(upload)).toBe(202);
  await closing;
  expect(await engine.outdial.campaign('clinic_in-flight').result()).toMatchObject({ completed: 1 });
  expect(await leftFolders()).toEqual([]);
});

test('an upload that is too slow, too large or one too many leaves nothing', async () => {
  const limits = { uploadMs: 5_000, uploadBytes: 2_048, openUploads: 1, singleCalls: 10 };
  const gateway = await startTestGateway(engine, { limits, accounts: {} });
  try {
    const slow = await beginUpload(gateway.url, 'slow');
    await eventually(async () => (await leftFolders()).length === 1);
    const second = await beginUpload(gateway.url, 'second');
    expect(await answerOf(second)).toBe(429);
    expect(await answerOf(slow)).toBe(408);
    const large = await beginUpload(gateway.url, 'large');
    large.on('error', () => undefined);
    large.end(`${`${simulatedNumber('voice')}\r\n`.repeat(1_000)}--${boundary}--\r\n`);
    expect(await answerOf(large)).toBe(413);
    for (const id of ['slow', 'second', 'large']) {
      await expect(engine.outdial.campaign(id).progress()).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  } finally {
    await gateway.close();
  }
  expect(await leftFolders()).toEqual([]);
});

test('a request that came while the gateway was busy is not too slow', async () => {
  const gateway = await startTestGateway(engine, { limits: { uploadMs: 3_000 } });
  try {
    const upload = await beginUpload(gateway.url, 'clinic_busy');
    await eventually(async () => (await leftFolders()).length === 1);
    upload.end(`${simulatedNumber('voice')}\r\n--${boundary}--\r\n`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3_100);
    expect(await answerOf(upload)).toBe(202);
  } finally {
    await gateway.close();
  }
});
