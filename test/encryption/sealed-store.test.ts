import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CallLog, Contact, FinalCallRecord } from '../../src/contract';
import { KeyRing } from '../../src/encryption/key-ring';
import { sealedStore } from '../../src/encryption/sealed-store';
import { fileStore } from '../../src/store/file-store';
import { contact, record } from '../store/samples';
import { useTempFolder } from '../store/temp-folder';
import { testStore } from '../store/test-store';

const ring = new KeyRing({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } });

testStore('sealedStore', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'outdial-test-'));
  return {
    open: (now) => sealedStore(fileStore(dir, now), ring, true),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
});

describe('a sealed store', () => {
  const folder = useTempFolder();
  const secret = 'card 4111111111111111';
  const callee: Contact = contact('c.1.1', 1, {
    postd: '4711',
    submitted: { destination: '617-555-0001', parameters: { secret }, messageReference: secret },
  });
  const final: FinalCallRecord = record('c.1.1', {
    ...callee,
    parameters: { secret },
    messageReference: secret,
    resultUrl: `https://clinic.example/${secret}`,
    result: { secret },
    applicationError: secret,
  } as Partial<FinalCallRecord>);
  const log: CallLog = {
    attempts: [{ number: 1, dialedAt: 1 }],
    lineFaults: 2,
    result: secret,
    applicationError: secret,
  };

  async function filesOf(dir: string): Promise<string> {
    const names = await readdir(dir, { recursive: true, withFileTypes: true });
    const files = names.filter((name) => name.isFile());
    return (await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), 'utf8')))).join('\n');
  }

  test('keeps nothing of a call in clear but states and times', async () => {
    const dir = join(folder(), 'store');
    const store = sealedStore(fileStore(dir), ring, true);
    const writer = await store.contacts.openList('c');
    await writer.append(callee);
    await writer.append({ ...callee, callId: 'c.1.2', rejected: `no number: ${secret}` });
    await writer.finish();
    await store.contacts.admit('c', writer.list, true);
    await store.records.saveLog('c.1.1', log);
    await store.records.saveCall(final);

    const text = await filesOf(dir);
    expect(text).toContain('"state":"completed"');
    for (const hidden of [secret, '4711', callee.destination, '617-555-0001', 'clinic.example']) {
      expect(text).not.toContain(hidden);
    }
    const reader = sealedStore(fileStore(dir), ring, true);
    expect(await reader.contacts.read('c', 1, 0, 1)).toEqual([callee]);
    expect(await reader.records.log('c.1.1')).toEqual(log);
    expect(await reader.records.call('c.1.1')).toEqual(final);
  });

  test('reads what was kept in clear before', async () => {
    const clear = fileStore(join(folder(), 'store'));
    await clear.records.saveCall(final);
    expect(await sealedStore(clear, ring, true).records.call('c.1.1')).toEqual(final);
  });

  test('takes a text that only looks sealed for what it is', async () => {
    const clear = fileStore(join(folder(), 'store'));
    const looks = { ...log, result: 'sealed:k1:AAAA' };
    await clear.records.saveLog('c.1.1', looks);
    expect(await sealedStore(clear, ring, true).records.log('c.1.1')).toEqual(looks);
  });
});
