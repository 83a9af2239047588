import { Example } from '../support/example';

let example: Example;
beforeAll(async () => {
  example = await Example.start('voicemail/main.ts');
});
afterAll(() => example.cleanUp());

test('a person is told, a machine gets a message after its beep, a fax neither', async () => {
  expect([await example.line(), await example.line(), await example.line()].map((line) => JSON.parse(line))).toEqual([
    { calleeType: 'voice', state: 'completed', result: 'told' },
    { calleeType: 'answeringmachine', state: 'completed', result: 'message left' },
    { calleeType: 'fax', state: 'completed', result: 'fax' },
  ]);
  expect(await example.end()).toBe(0);
});
