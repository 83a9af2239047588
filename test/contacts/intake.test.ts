import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BadRow, CsvRow } from '../../src/contacts/csv';
import { intake, type IntakeOptions, type IntakeRow } from '../../src/contacts/intake';
import { maxCalls, type CallRequest } from '../../src/contract';
import { fileStore } from '../../src/store/file-store';
import type { ContactStore } from '../../src/store/store';
import { useTempFolder } from '../store/temp-folder';

const folder = useTempFolder();
const options: IntakeOptions = { country: 'US', duplicates: 'skip' };

let contacts: ContactStore;
beforeEach(() => {
  contacts = fileStore(folder()).contacts;
});

/** Rows that the type does not allow, as they come from JavaScript. */
const malformed = (row: unknown) => row as CallRequest;

it('stores calls in order, with ids by list and row', async () => {
  const calls = [{ destination: '617 555 0101;postd=12', messageReference: 'a' }, { destination: '+442079460958' }];
  expect(await intake(contacts, 'c', calls, options)).toEqual({
    list: 1,
    count: 2,
    accepted: 2,
    rejected: 0,
    duplicates: 0,
    rejects: [],
  });
  expect(await contacts.read('c', 1, 0, 10)).toEqual([
    { callId: 'c.1.1', destination: '+16175550101', postd: '12', submitted: calls[0] },
    { callId: 'c.1.2', destination: '+442079460958', submitted: calls[1] },
  ]);
});

it('rejects rows without a caller ID where the campaign has none', async () => {
  const calls = [{ destination: '6175550101;ani=6175550100' }, { destination: '6175550102' }];
  const report = await intake(contacts, 'c', calls, { ...options, needsAni: true });
  expect(report).toMatchObject({ accepted: 1, rejects: [{ row: 2, column: 'destination' }] });
  expect(report.rejects[0]!.reason).toBe('there is no caller ID: name one by ;ani=, or for the campaign');
});

it('takes an async source', async () => {
  async function* calls() {
    yield { destination: '6175550101' };
    await Promise.resolve();
    yield new CsvRow(7, { destination: '6175550102' }, '6175550102');
  }
  expect(await intake(contacts, 'c', calls(), options)).toMatchObject({ count: 2, accepted: 2 });
});

it('stores bad rows too, as rejected, and reports them', async () => {
  const rows: IntakeRow[] = [
    { destination: '911' },
    new BadRow(3, 'a cell holds a NUL character', '6175550101,x', 'name'),
    new CsvRow(4, { destination: '' }, ',x'),
    malformed({ destination: '6175550101', phone: '6175550101' }),
    malformed('6175550101'),
    { destination: '6175550101' },
  ];
  const { rejects, ...summary } = await intake(contacts, 'c', rows, options);
  expect(summary).toEqual({ list: 1, count: 6, accepted: 1, rejected: 5, duplicates: 0 });
  expect(rejects.map(({ row, line, column, callId }) => [row, line, column, callId])).toEqual([
    [1, undefined, 'destination', 'c.1.1'],
    [2, 3, 'name', 'c.1.2'],
    [3, 4, 'destination', 'c.1.3'],
    [4, undefined, undefined, 'c.1.4'],
    [5, undefined, undefined, 'c.1.5'],
  ]);
  const stored = await contacts.read('c', 1, 0, 6);
  expect(stored.map((contact) => contact.rejected)).toEqual([...rejects.map((reject) => reject.reason), undefined]);
  expect(stored[0]).toMatchObject({ destination: '', submitted: { destination: '911' } });
  expect(stored[1]!.submitted).toEqual({ destination: '', parameters: { raw: '6175550101,x' } });
  expect(stored[3]!.submitted.parameters).toEqual({ raw: '{"destination":"6175550101","phone":"6175550101"}' });
});

describe('duplicates', () => {
  const calls = ['6175550101', '+16175550101', '6175550101;postd=1', '(617) 555-0101;postd=1'].map((destination) => ({
    destination,
  }));

  it('of number and postd are rejected, and are not bad rows', async () => {
    const report = await intake(contacts, 'c', calls, { ...options, strict: true });
    expect(report).toEqual({ list: 1, count: 4, accepted: 2, rejected: 0, duplicates: 2, rejects: [] });
    const stored = await contacts.read('c', 1, 0, 4);
    expect(stored.map((contact) => contact.rejected)).toEqual([
      undefined,
      'duplicate of c.1.1',
      undefined,
      'duplicate of c.1.3',
    ]);
  });

  it('are dialed when asked for', async () => {
    expect(await intake(contacts, 'c', calls, { ...options, duplicates: 'dial' })).toMatchObject({
      accepted: 4,
      duplicates: 0,
    });
  });

  it('do not count against a row that is never dialed', async () => {
    const rows = [{ destination: '6175550101;ani=6175550199' }, { destination: '6175550101' }];
    const report = await intake(contacts, 'c', rows, { ...options, callerIds: ['+16175550100'] });
    expect(report).toMatchObject({ accepted: 1, rejected: 1, duplicates: 0 });
  });
});

it('takes an ani only of the caller IDs', async () => {
  const rows = ['100', '199'].map((ani) => ({ destination: '6175550101;ani=6175550' + ani }));
  const { rejects } = await intake(contacts, 'c', rows, {
    ...options,
    duplicates: 'dial',
    callerIds: ['+16175550100'],
  });
  expect(rejects).toMatchObject([
    { row: 2, reason: "the ani ending in 99 is not one of the queue's 1 caller IDs", column: 'destination' },
  ]);
  expect(await contacts.read('c', 1, 0, 2)).toMatchObject([{ ani: '+16175550100' }, { ani: '+16175550199' }]);
});

describe('strict', () => {
  it('stores nothing and names the first 20 bad rows', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => new BadRow(i + 2, 'bad', '', 'name'));
    let read = 0;
    function* source() {
      for (const row of [{ destination: '6175550101' }, ...rows]) {
        read++;
        yield row;
      }
    }
    await expect(intake(contacts, 'c', source(), { ...options, strict: true })).rejects.toMatchObject({
      code: 'INVALID_LIST',
      message: expect.stringMatching(
        /\(the first of them\):\n {2}line 2, name: bad\n(.*\n){18} {2}line 21, name: bad$/,
      ) as string,
      details: { length: 20, 0: { row: 2, line: 2, column: 'name', reason: 'bad' } },
    });
    expect(read).toBe(21);
    expect(await contacts.summary('c', 1)).toBeUndefined();
  });

  it('names rows that have no line by their number', async () => {
    await expect(intake(contacts, 'c', [{ destination: '911' }], { ...options, strict: true })).rejects.toThrow(
      /bad rows:\n {2}row 1, destination: the number ending in 11 is too short/,
    );
  });
});

describe('the reject file', () => {
  it('has a line for each bad row, safe for spreadsheets', async () => {
    const rejectFile = join(folder(), 'rejects.csv');
    const rows = [
      { destination: '6175550101' },
      { destination: '6175550101' },
      new BadRow(3, 'bad "quotes", and more', '=cmd()\n"x",y'),
      new CsvRow(5, { destination: '+1911' }, '+1911'),
    ];
    await intake(contacts, 'c', rows, { ...options, rejectFile });
    expect((await readFile(rejectFile, 'utf8')).split('\r\n')).toEqual([
      'row,line,column,reason,raw',
      `3,3,,"bad ""quotes"", and more","'=cmd()\n""x"",y"`,
      `4,5,destination,"the number ending in 11 is too short; write + and country code, or a national number of US",'+1911`,
      '',
    ]);
  });

  it('is not made without a bad row', async () => {
    const rejectFile = join(folder(), 'rejects.csv');
    await intake(contacts, 'c', [{ destination: '6175550101' }], { ...options, rejectFile });
    expect(existsSync(rejectFile)).toBe(false);
  });

  it('that cannot be written gives up the list', async () => {
    const rejectFile = join(folder(), 'none', 'rejects.csv');
    await expect(intake(contacts, 'c', [{ destination: '911' }], { ...options, rejectFile })).rejects.toThrow('ENOENT');
    expect(await contacts.summary('c', 1)).toBeUndefined();
  });
});

it('reports 100 bad rows and counts all', async () => {
  const rows = Array.from({ length: 150 }, () => ({ destination: '911' }));
  const report = await intake(contacts, 'c', rows, options);
  expect(report.rejected).toBe(150);
  expect(report.rejects).toHaveLength(100);
});

it('refuses an empty list unless that is allowed', async () => {
  await expect(intake(contacts, 'c', [], options)).rejects.toMatchObject({ code: 'INVALID_LIST' });
  expect(await intake(contacts, 'c', [], { ...options, allowEmpty: true })).toMatchObject({ count: 0 });
});

it('gives up the list when the source throws', async () => {
  function* source() {
    yield { destination: '6175550101' };
    throw new Error('lost connection');
  }
  await expect(intake(contacts, 'c', source(), options)).rejects.toThrow('lost connection');
  expect(await contacts.summary('c', 1)).toBeUndefined();
});

it('gives up a list of more rows than a campaign may have', async () => {
  let appended = 0;
  let aborted = false;
  const counting = {
    ...contacts,
    openList: async () => ({
      list: 1,
      append: async () => void appended++,
      finish: () => Promise.reject(new Error('not to be finished')),
      abort: async () => void (aborted = true),
    }),
  };
  const bad = new BadRow(2, 'bad', '');
  function* rows() {
    for (let i = 0; i <= maxCalls; i++) yield bad;
  }
  await expect(intake(counting, 'c', rows(), options)).rejects.toMatchObject({
    code: 'INVALID_LIST',
    message: 'the list has more than 1000000 rows, the limit',
  });
  expect([appended, aborted]).toEqual([maxCalls, true]);
});

it('refuses a country that it does not know', async () => {
  await expect(intake(contacts, 'c', [], { ...options, country: 'XX' })).rejects.toMatchObject({
    code: 'INVALID_LIST',
  });
});
