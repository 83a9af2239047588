/** The SIP trunk of the guide, and the table of outcomes in the reference. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sipTrunk } from 'outdial/worker';
import { sipOutcomes } from '../../src/trunks/outcomes';

test('the trunk of the guide can be made, and costs nothing until it dials', async () => {
  const password = 'open sesame';
  const synthesize = async (text: string): Promise<Int16Array> => new Int16Array(text.length);
  // #region trunk
  const trunk = sipTrunk({
    servers: ['sip:sbc-1.carrier.example', 'sip:sbc-2.carrier.example;transport=tcp'],
    username: 'library',
    password,
    speech: (text) => synthesize(text), // text to 16-bit PCM, 8 kHz: your speech service
  });
  // #endregion
  expect(trunk.name).toBe('sip');
  await trunk.close();
});

test('the reference has the table as it is', () => {
  const page = readFileSync(join(__dirname, '../../docs/reference/outcomes.md'), 'utf8');
  const section = page.split('\n## SIP and Asterisk\n')[1]!.split('\n## ')[0]!;
  /** Numbers of a cell; `500–503` is all from one to the other. */
  const numbers = (cell: string): number[] =>
    [...cell.replace(/other .*|once .*/, '').matchAll(/(\d+)(?:–(\d+))?/g)].flatMap(([, from, to = from]) =>
      Array.from({ length: Number(to) - Number(from) + 1 }, (_, n) => Number(from) + n),
    );
  const rows = [...section.matchAll(/^\| (?:`([a-z-]+)`|(line fault)) +\| (.*?) *\| (.*?) *\|$/gm)].map(
    ([, outcome, , statuses = '', causes = '']) => ({
      outcome: outcome ?? 'line-fault',
      // 408, 480 and 487 stand twice: rung or not.
      sip: outcome === 'no-answer' ? [] : numbers(statuses),
      q850: numbers(causes),
    }),
  );
  expect(rows).toEqual(sipOutcomes);
});
