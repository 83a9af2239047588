/** ARI and sound over TLS, with a certificate of a CA that only this company knows. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePortFrom } from '../../../src/dev-server/free-port';
import { eventually } from '../../support/eventually';
import { loopbackCertificate } from '../../support/tls';
import { type Asterisk, calleeNumber, type Callees, startCallees, startSwitch } from '../support/asterisk';
import { type OneCall, variable } from '../support/one-call';
import { describeWith } from '../support/peers';
import { heardIn } from '../support/tone';

jest.setTimeout(120_000);

const run = promisify(execFile);

describeWith(['asterisk'], 'TLS', () => {
  let folder: string;
  let network: Callees;
  let pbx: Asterisk;
  let url: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'outdial-tls-'));
    const { key, cert } = await loopbackCertificate();
    await writeFile(join(folder, 'key.pem'), key);
    await writeFile(join(folder, 'cert.pem'), cert);
    const port = await freePortFrom(0);
    url = `https://127.0.0.1:${port}`;
    network = await startCallees();
    pbx = await startSwitch(network, {
      'http.conf': `tlsenable = yes
tlsbindaddr = 127.0.0.1:${port}
tlscertfile = ${folder}/cert.pem
tlsprivatekey = ${folder}/key.pem
`,
    });
  });
  afterAll(async () => {
    await pbx?.stop();
    await network?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** In a process of its own: the variable counts when a process starts. */
  const call = async (destination: string, env: NodeJS.ProcessEnv): Promise<unknown> => {
    const { user, password } = pbx;
    const oneCall: OneCall = {
      asterisk: { url, user, password },
      request: { callId: destination, attempt: 1, destination, ani: '+16175550100', ringTimeoutMs: 20_000 },
    };
    const { stdout } = await run(process.execPath, ['--import', 'tsx', join(__dirname, '../support/one-call.ts')], {
      env: { ...process.env, ...env, [variable]: JSON.stringify(oneCall) },
    });
    return JSON.parse(stdout);
  };

  test('a CA that Node.js is told of is trusted, for requests, events and sound', async () => {
    const destination = calleeNumber('heard', 1);
    expect(await call(destination, { NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') })).toMatchObject({
      outcome: 'answered',
    });
    await eventually(async () => {
      const events = (await network.ledger()).filter(({ number }) => number === destination);
      expect(events.map(({ event }) => event)).toEqual(['invite', 'ring', 'answer', 'end']);
    });
    expect((await heardIn(join(network.heard, `${destination}.wav`))).ms).toBeGreaterThan(950);
  });

  test('one that it is not told of is refused: nothing is dialed', async () => {
    const destination = calleeNumber('heard', 2);
    expect(await call(destination, {})).toEqual({
      outcome: 'line-fault',
      cause: { text: "Asterisk can't be reached: DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
    expect((await network.ledger()).filter(({ number }) => number === destination)).toEqual([]);
  });
});
