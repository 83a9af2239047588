import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BadRow, CsvRow, readCallsCsv, type ReadCsvOptions } from '../../src/contacts/csv';
import { useTempFolder } from '../store/temp-folder';

const folder = useTempFolder();

/** Reads the text in pieces of one character, a few, and as a whole; all must give the same. */
async function read(text: string | Buffer, options?: ReadCsvOptions): Promise<(CsvRow | BadRow)[]> {
  const bytes = Buffer.from(text);
  const whole = await collect(Readable.from([bytes]), options);
  for (const size of [1, 7]) {
    const pieces: Buffer[] = [];
    for (let i = 0; i < bytes.length; i += size) pieces.push(bytes.subarray(i, i + size));
    expect(await collect(Readable.from(pieces), options)).toEqual(whole);
  }
  return whole;
}

async function collect(source: string | Readable, options?: ReadCsvOptions): Promise<(CsvRow | BadRow)[]> {
  const rows: (CsvRow | BadRow)[] = [];
  for await (const row of readCallsCsv(source, options)) rows.push(row);
  return rows;
}

const row = (line: number, destination: string, raw: string, more: object = {}) =>
  new CsvRow(line, { destination, ...more }, raw);

it('makes parameters and the reference of further columns', async () => {
  expect(await read('destination, name ,message_reference\n+1,Ada,r-1\n+2,,\n')).toEqual([
    row(2, '+1', '+1,Ada,r-1', { parameters: { name: 'Ada' }, messageReference: 'r-1' }),
    row(3, '+2', '+2,,', { parameters: { name: '' } }),
  ]);
});

it('reads CRLF, CR and a last line without end', async () => {
  const rows = [row(2, '+1', '+1'), row(3, '+2', '+2')];
  expect(await read('destination\r\n+1\r\n+2')).toEqual(rows);
  expect(await read('destination\r+1\r+2\r')).toEqual(rows);
});

it('passes over a byte order mark, of bytes and of text', async () => {
  expect(await read('\uFEFFdestination\n+1\n')).toEqual([row(2, '+1', '+1')]);
  expect(await collect(Readable.from(['\uFEFFdestination\n+1\n']))).toEqual([row(2, '+1', '+1')]);
  expect(await collect(Readable.from(['\uFEFF', '"destination"\n+1\n']))).toEqual([row(2, '+1', '+1')]);
});

it('reads quoted cells with quotes, commas and line ends, and counts lines through them', async () => {
  expect(await read('destination,text\r\n+1,"a ""b"", c\r\nd"\r\n+2,""\r\n')).toEqual([
    row(2, '+1', '+1,"a ""b"", c\r\nd"', { parameters: { text: 'a "b", c\r\nd' } }),
    row(4, '+2', '+2,""', { parameters: { text: '' } }),
  ]);
});

it('passes over blank lines', async () => {
  expect(await read('\ndestination\n\n  \n+1\n\n')).toEqual([row(5, '+1', '+1')]);
});

it('reads a file by its path', async () => {
  const path = join(folder(), 'calls.csv');
  await writeFile(path, 'destination\n+1\n');
  expect(await collect(path)).toEqual([row(2, '+1', '+1')]);
});

it('reads another encoding', async () => {
  const latin = Buffer.from('destination,name\n+1,Jos\xe9\n', 'latin1');
  expect(await read(latin, { encoding: 'windows-1252' })).toMatchObject([{ call: { parameters: { name: 'José' } } }]);
  expect(await read(latin)).toMatchObject([{ column: 'name', reason: expect.stringContaining('encoding') as string }]);
});

it('keeps a column named like a property of every object', async () => {
  const [only] = await read('destination,__proto__\n+1,x\n');
  expect(JSON.stringify((only as CsvRow).call.parameters)).toBe('{"__proto__":"x"}');
});

it.each([
  ['', /the file is empty/],
  ['Destination\n+1\n', /its first column is "Destination"; the first column must be "destination"/],
  ['phone,destination\n', /its first column is "phone"/],
  ['+16175550123,Ada\n', /its first column is "\+\*{9}23"/],
  ['destination,,b\n', /column 2 has no name/],
  ['destination,a,a \n', /column 3, "a", has the name of another one/],
  ['destination,"a\n', /never closed/],
])('refuses the header of %j', async (text, message) => {
  await expect(read(text)).rejects.toMatchObject({
    code: 'INVALID_LIST',
    message: expect.stringMatching(message) as string,
  });
});

it('refuses a file that is not there', async () => {
  await expect(collect(join(folder(), 'none.csv'))).rejects.toMatchObject({ code: 'INVALID_LIST' });
});

it('refuses an unknown encoding', async () => {
  await expect(collect(Readable.from([]), { encoding: 'klingon' })).rejects.toMatchObject({ code: 'INVALID_LIST' });
});

describe('a bad row is named, and the rows after it are read', () => {
  const good = row(3, '+2', '+2,b', { parameters: { name: 'b' } });

  it.each([
    ['too few cells', '+1', new BadRow(2, 'the row has 1 cells where the header has 2', '+1')],
    ['too many cells', '+1,a,b', new BadRow(2, 'the row has 3 cells where the header has 2', '+1,a,b')],
    [
      'a quote inside a cell',
      '+1,5" pipe',
      new BadRow(
        2,
        'there is a quote inside a cell that does not start with one; quote the whole cell',
        '+1,5" pipe',
        'name',
      ),
    ],
    [
      'text after a closing quote',
      '+1,"the "big" one, x"',
      new BadRow(
        2,
        'there is text after a closing quote; double a quote that is part of the text',
        '+1,"the "big" one, x"',
        'name',
      ),
    ],
    ['NUL', '+1,a\0b', new BadRow(2, 'a cell holds a NUL character', '+1,a\uFFFDb', 'name')],
    [
      'an oversized cell',
      `+1,${'x'.repeat(16_385)}`,
      new BadRow(2, 'a cell has more than 16384 characters', `+1,${'x'.repeat(1_021)}`, 'name'),
    ],
    [
      'an oversized quoted cell',
      `+1,"${'x'.repeat(16_385)}"`,
      new BadRow(2, 'a cell has more than 16384 characters', `+1,"${'x'.repeat(1_020)}`, 'name'),
    ],
  ])('%s', async (_name, text, bad) => {
    expect(await read(`destination,name\n${text}\n+2,b\n`)).toEqual([bad, good]);
  });
});

it('takes a cell of the largest size', async () => {
  expect((await read(`destination,name\n+1,"${'x'.repeat(16_384)}"\n`))[0]).toBeInstanceOf(CsvRow);
});

describe('a quote that is never closed costs its line only', () => {
  const b = (line: number) => row(line, '+2', '+2,b', { parameters: { name: 'b' } });
  const tooLate = ', or too late: a row has at most 100 lines and 65536 characters';

  it('at the end of a file', async () => {
    expect(await read('destination,name\n+1,\n+1,"x\n+2,b\n')).toEqual([
      row(2, '+1', '+1,', { parameters: { name: '' } }),
      new BadRow(3, 'the quote opened in line 3 is never closed', '+1,"x', 'name'),
      b(4),
    ]);
  });

  it('whatever comes after it', async () => {
    const rest = '+2,b\n'.repeat(20_000);
    const rows = await collect(Readable.from(['destination,name\n+1,a\n\n+1,"x\n', rest, rest]));
    expect(rows).toHaveLength(40_002);
    expect(rows[1]).toEqual(new BadRow(4, `the quote opened in line 4 is never closed${tooLate}`, '+1,"x', 'name'));
    expect(rows.at(-1)).toEqual(b(40_004));
  });

  it('before quoted rows', async () => {
    expect(await read('destination,name\n"+1","Ada\n"+2","b"\n+2,b\n')).toEqual([
      new BadRow(
        2,
        'there is text after a closing quote; double a quote that is part of the text, or close the quote opened in line 2',
        '"+1","Ada',
        'name',
      ),
      row(3, '+2', '"+2","b"', { parameters: { name: 'b' } }),
      b(4),
    ]);
  });

  it('after one that is closed in a further line, and is named by its own line', async () => {
    expect(await read('destination,name\r\n"+1\r\nx","é\r\n+2,b\r\n')).toEqual([
      new BadRow(2, 'the quote opened in line 3 is never closed', '"+1', 'name'),
      new BadRow(
        3,
        'there is a quote inside a cell that does not start with one; quote the whole cell',
        'x","é',
        'destination',
      ),
      b(4),
    ]);
  });
});

it('reads a row of 100 lines, not of more', async () => {
  const lines = (count: number) => `destination,name\n+1,"${'x\n'.repeat(count - 1)}"\n+2,b\n`;
  expect(await read(lines(100))).toMatchObject([{ call: { destination: '+1' } }, { line: 102 }]);
  const rows = await read(lines(101));
  expect(rows[0]).toMatchObject({ line: 2, raw: '+1,"x', reason: expect.stringContaining('100 lines') as string });
  expect(rows.at(-1)).toMatchObject({ line: 103, call: { destination: '+2' } });
});

it('reads a row of 65,536 characters with its line end, not of more', async () => {
  const cells = `+1,${`${'x'.repeat(16_000)},`.repeat(4)}`;
  const rows = await collect(
    Readable.from(['destination,a,b,c,d,e\n', `${cells.padEnd(65_535, 'y')}\n`, `${cells.padEnd(65_536, 'y')}\n`]),
  );
  expect(rows).toMatchObject([
    { line: 2, call: { destination: '+1' } },
    { line: 3, reason: 'the row is too long; a row has at most 100 lines and 65536 characters' },
  ]);
});

it('makes one bad row of a line without end, and does not hold it', async () => {
  function* endless() {
    yield 'destination\n+1\r';
    for (let i = 0; i < 1_000; i++) yield 'x'.repeat(10_000);
    yield '\r';
    yield '+2';
  }
  expect(await collect(Readable.from(endless()))).toEqual([
    row(2, '+1', '+1'),
    new BadRow(3, 'the row is too long; a row has at most 100 lines and 65536 characters', 'x'.repeat(1_024)),
    row(4, '+2', '+2'),
  ]);
});

it('finds the bad rows among many, each on its line', async () => {
  const names = ['the "big" one', '"b"', '5" pipe', '"c\nd"'];
  const text = Array.from({ length: 1_500 }, (_, i) => `+1,${names[i % 61] ?? 'e'}`).join('\n');
  const rows = await collect(Readable.from([`destination,name\n${text}`]));
  const lines = text.split('\n').map((raw, i) => ({ line: i + 2, raw }));
  const starts = lines.filter(({ raw }) => raw !== 'd"');
  expect(rows.map(({ line }) => line)).toEqual(starts.map(({ line }) => line));
  const bad = lines.filter(({ raw }) => raw.includes(' '));
  expect(rows.filter((one) => one instanceof BadRow)).toMatchObject(bad);
});

it('passes on the error of a stream', async () => {
  async function* broken() {
    yield 'destination\n+1\n';
    await Promise.reject(new Error('lost connection'));
  }
  await expect(collect(Readable.from(broken()))).rejects.toThrow('lost connection');
});
