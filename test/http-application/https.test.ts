/** Services on https, and PCI calls, which are told to nobody but them. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { CallSpec, FinalCallRecord } from 'outdial';
import { httpApplication, type HttpQuestion, simulatedNumber } from 'outdial/worker';
import { Engine } from '../support/engine';
import { loopbackCertificate, trust } from '../support/tls';
import { inTurn, ScriptedService } from './scripted-service';

const networks = ['127.0.0.0/8'];
const destination = simulatedNumber('never-hangs-up');

let service: ScriptedService;
/** On http, and another host than the service. */
let clear: ScriptedService;
let distrust: () => void;
beforeAll(async () => {
  const tls = await loopbackCertificate();
  distrust = trust(tls);
  service = await ScriptedService.start(tls);
  clear = await ScriptedService.start();
});
afterAll(async () => {
  await service.stop();
  await clear.stop();
  distrust();
});

describe('a service on https', () => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await Engine.start({ trunk: { ringMs: 0 }, application: httpApplication({ networks }) });
  });
  afterAll(() => engine.stop());

  async function talk(path: string): Promise<FinalCallRecord> {
    const { campaignId: callId, ...shared } = engine.spec();
    const spec: CallSpec = { ...shared, callId, destination, startUrl: service.url + path };
    return (await engine.outdial.queueCall(spec)).result();
  }

  test('is asked, and goes on by a path of its own', async () => {
    const [path, next] = [`/${randomUUID()}`, `/${randomUUID()}`];
    service.on(path, inTurn({ verbs: [{ verb: 'redirect', url: next }] }));
    service.on(next, inTurn({ result: 'there' }));
    expect(await talk(path)).toMatchObject({ state: 'completed', result: 'there' });
  });

  test.each([
    ['redirect', 'redirect'],
    ['a sound file', 'play'],
  ])('goes to no URL in clear by %s, and is told so', async (_name, verb) => {
    const path = `/${randomUUID()}`;
    clear.on('/clear', inTurn({ result: 'in clear' }));
    service.on(path, inTurn({ verbs: [{ verb, url: `${clear.url}/clear` }] }, { result: 'told' }));
    const record = await talk(path);
    expect(record).toMatchObject({ state: 'completed', result: 'told' });
    expect(record).not.toHaveProperty('applicationError');
    expect(outcomesOf(path)).toEqual([{ verb, error: 'url: must be https, as the service is' }]);
    expect(clear.asked).toEqual([]);
  });

  test('that redirects by HTTP is not followed', async () => {
    const path = `/${randomUUID()}`;
    service.on(path, (_asked, response) => response.writeHead(307, { location: `${clear.url}/clear` }).end());
    expect((await talk(path)).applicationError).toMatch(/^Error: POST https:.*: it answered 307$/);
    expect(clear.asked).toEqual([]);
  });

  test('whose certificate nobody vouches for is not asked', async () => {
    const stranger = await ScriptedService.start(await loopbackCertificate());
    try {
      const { campaignId: callId, ...shared } = engine.spec();
      const spec = { ...shared, callId, destination, startUrl: `${stranger.url}/` };
      const record = await (await engine.outdial.queueCall(spec)).result();
      expect(record.applicationError).toMatch(/certificate|self-signed/);
      expect(stranger.asked).toEqual([]);
    } finally {
      await stranger.stop();
    }
  });
});

describe('a PCI call', () => {
  let engine: Engine;
  beforeAll(async () => {
    const encryption = { seals: 'pci' as const, current: 'k1', keys: { k1: randomBytes(32).toString('base64') } };
    engine = await Engine.start({
      trunk: { ringMs: 0 },
      queue: { pci: { allowedUrls: [`${service.url}/pay`] } },
      workers: {
        encryption,
        workflowBundle: undefined,
        applications: {
          app: httpApplication({ networks }),
          within: httpApplication(`${service.url}/pay/fixed`, { networks }),
          without: httpApplication(`${service.url}/elsewhere`, { networks }),
        },
      },
    });
  });
  afterAll(() => engine.stop());

  async function talk(more: Partial<CallSpec>): Promise<FinalCallRecord> {
    const { campaignId: callId, resultUrl: _none, ...shared } = engine.spec({ isPci: true });
    return (await engine.outdial.queueCall({ ...shared, callId, destination, ...more })).result();
  }

  test('is told to URLs of its queue', async () => {
    service.on('/pay/start', inTurn({ verbs: [{ verb: 'redirect', url: 'next' }] }));
    service.on('/pay/next', inTurn({ result: 'paid' }));
    service.on('/pay/fixed', inTurn({ result: 'fixed' }));
    expect(await talk({ startUrl: `${service.url}/pay/start` })).toMatchObject({ state: 'completed', result: 'paid' });
    expect(await talk({ application: 'within' })).toMatchObject({ state: 'completed', result: 'fixed' });
  });

  test('is told to no other URL of its application', async () => {
    const record = await talk({ application: 'without' });
    expect(record).toMatchObject({ state: 'completed', attempts: [{ outcome: 'answered' }] });
    expect(record.applicationError).toBe('Error: url: is not on the allow-list of the PCI queue');
    expect(service.askedAt('/elsewhere')).toEqual([]);
  });

  test.each([
    ['redirect', 'redirect', '/elsewhere'],
    ['redirect out of its folder', 'redirect', '/pay/../elsewhere'],
    ['a sound file', 'play', '/elsewhere.wav'],
  ])('is told to no other URL by %s', async (name, verb, url) => {
    const path = `/pay/${name.replaceAll(' ', '-')}`;
    service.on('/elsewhere', inTurn({ result: 'elsewhere' }));
    service.on(path, inTurn({ verbs: [{ verb, url }] }, { result: 'told' }));
    expect(await talk({ startUrl: service.url + path })).toMatchObject({ result: 'told' });
    expect(outcomesOf(path)).toEqual([{ verb, error: 'url: is not on the allow-list of the PCI queue' }]);
    expect(service.askedAt('/elsewhere')).toEqual([]);
  });
});

function outcomesOf(path: string): HttpQuestion['outcomes'] {
  return service.askedAt(path).find(({ question }) => question.event === 'done')?.question.outcomes;
}
