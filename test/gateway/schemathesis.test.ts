/** schemathesis makes requests, right and wrong ones, out of /openapi.json, and finds every answer as it is described there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython, run } from '../languages/python';
import { Engine } from '../support/engine';
import { clinic, startTestGateway } from '../support/gateway';

const limitMs = 150_000;
const title = 'schemathesis finds no failure, with all its checks';

const python = findPython();
if ('missing' in python) test.skip(`${title}: skipped, there is no ${python.missing}`, () => undefined);
else {
  test(
    title,
    async () => {
      const engine = await Engine.start({ trunk: { ringMs: 0, talkMs: 0 }, queue: { lines: 50 } });
      const gateway = await startTestGateway(engine);
      const cwd = await mkdtemp(join(tmpdir(), 'outdial-schemathesis-'));
      try {
        const args = [
          ...['run', `${gateway.url}/openapi.json`, '--auth', `${clinic.login}:${clinic.key}`],
          ...['--checks', 'all', '--max-examples', '8', '--seed', '5', '--generation-database', 'none'],
          // It goes on for as long as its campaign.
          ...['--exclude-path', '/v1/campaigns/{id}/events'],
        ];
        const env = { SCHEMATHESIS_HOOKS: 'schemathesis_hooks', PYTHONPATH: __dirname, PYTHONDONTWRITEBYTECODE: '1' };
        const command = ['-m', 'schemathesis.cli', ...args];
        const output = await run(python.interpreter, command, { env, cwd, timeoutMs: limitMs - 20_000 });
        expect(output).toMatch(/Selected: 18\/19/);
        expect(output).toMatch(/Tested: 18/);
        expect(output).not.toMatch(/failures?|errors? in/);
      } finally {
        await rm(cwd, { recursive: true, force: true });
        await gateway.close();
        await engine.stop();
      }
    },
    limitMs,
  );
}
