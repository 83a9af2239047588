/** Runs the code of docs/guides/other-languages.md as it stands there. */
import { delimiter, dirname } from 'node:path';
import { simulatedTrunk } from 'outdial/worker';
import { blockOf } from '../docs/blocks';
import { ani, Engine } from '../support/engine';
import { temporalCliPath, testAddress } from '../support/server';
import { findPython, run, runPython } from './python';

const guide = 'docs/guides/other-languages.md';

let engine: Engine;
beforeAll(async () => {
  const trunk = simulatedTrunk({ speed: 50, ringMs: 0, talkMs: 0 });
  const reminders = { trunk, lines: 2, callerIds: [ani] };
  engine = await Engine.start({ workers: { queues: { reminders }, applications: { reminder: () => undefined } } });
});
afterAll(() => engine.stop());

function environment(): Record<string, string> {
  return {
    TEMPORAL_ADDRESS: testAddress(),
    TEMPORAL_NAMESPACE: engine.namespace,
    PATH: `${dirname(temporalCliPath())}${delimiter}${process.env['PATH']}`,
  };
}

test("Temporal's CLI starts, asks, changes and cancels a campaign, and queues a call", async () => {
  const output = await run('sh', ['-e'], { env: environment(), input: blockOf(guide, 'sh') });
  expect(output).toContain('"state":"canceled"');
  expect(await engine.outdial.campaign('closings').result()).toMatchObject({ state: 'canceled', calls: 2 });
  expect(await engine.outdial.call('alert-1').record()).toMatchObject({ state: 'completed' });
});

const python = findPython();
const title = 'the program in Python runs a campaign';
if ('missing' in python) test.skip(`${title}: skipped, there is no ${python.missing}`, () => undefined);
else {
  test(title, async () => {
    const output = await runPython(python.interpreter, blockOf(guide, 'python'), { env: environment() });
    expect(output).toContain('1 accepted');
    expect(output).toContain("'state': 'completed'");
    expect(await engine.outdial.campaign('appointments-2026-11-24').result()).toMatchObject({ calls: 3, completed: 3 });
  });
}
