/** A process that places one call, plays a tone, hangs up, and prints how it ended; for what a process is started with. */
import { asteriskTrunk, type AsteriskTrunkOptions, type DialRequest } from 'outdial/worker';
import { tone } from './tone';

/** What {@link variable} tells it. */
export interface OneCall {
  readonly asterisk: AsteriskTrunkOptions;
  readonly request: DialRequest;
}

export const variable = 'OUTDIAL_TEST_CALL';

async function main({ asterisk, request }: OneCall): Promise<void> {
  const trunk = asteriskTrunk(asterisk);
  const call = trunk.place(request);
  await call.play({ audio: tone });
  await call.play({ silenceMs: 200 });
  await call.hangUp();
  console.log(JSON.stringify(await call.ended));
  await trunk.close();
}

if (process.env[variable] !== undefined) void main(JSON.parse(process.env[variable]) as OneCall);
