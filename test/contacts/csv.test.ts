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

it('ends in one bad row when a quote is never closed, whatever comes after it', async () => {
  const rest = '+2,b\n'.repeat(20_000);
  const rows = await collect(Readable.from(['destination,name\n+1,a\n\n+1,"x\n', rest, rest]));
  expect(rows).toHaveLength(2);
  expect(rows[1]).toMatchObject({ line: 4, column: 'name', reason: 'the quote opened in line 4 is never closed' });
  expect(await read('destination,name\n+1,\n+1,"x\n+2,b\n')).toEqual([
    row(2, '+1', '+1,', { parameters: { name: '' } }),
    new BadRow(3, 'the quote opened in line 3 is never closed', '+1,"x\n+2,b\n', 'name'),
  ]);
});

it('passes on the error of a stream', async () => {
  async function* broken() {
    yield 'destination\n+1\n';
    await Promise.reject(new Error('lost connection'));
  }
  await expect(collect(Readable.from(broken()))).rejects.toThrow('lost connection');
});
