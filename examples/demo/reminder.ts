/** What an embedder writes: the conversation, and who is not to be dialed after all. */
import type { Application, BeforeDial, LiveCall } from 'outdial/worker';

/** Runs when a callee answers; what it returns lands in the call's result. */
export const reminder: Application = async (call) => {
  switch (await call.calleeTypeKnown()) {
    case 'voice':
      await call.play(`${greeting(call)} Press 1 to confirm, or 2 to move it.`);
      return { answer: await askPerson(call) };
    case 'answeringmachine':
      // The machine speaks first. What is said before its beep is not recorded.
      if (!(await call.machineBeep())) return { answer: 'no beep' };
      await call.play(`${greeting(call)} Please call us back to confirm.`);
      return { answer: 'message left' };
    case 'unknown':
      await call.play(greeting(call));
      return { answer: 'nobody spoke' };
    case 'fax':
      return { answer: 'fax machine' };
  }
};

/** Asked before every dial: whoever has confirmed meanwhile is left in peace. */
export const beforeDial: BeforeDial = ({ messageReference }) =>
  messageReference === 'A-1017' ? { skip: 'already confirmed' } : 'dial';

function greeting({ parameters }: LiveCall): string {
  return `Hello ${String(parameters['name'])}. We expect you on ${String(parameters['appointment'])}.`;
}

async function askPerson(call: LiveCall): Promise<string> {
  const digit = await call.gather({ maxDigits: 1 });
  if (digit === '1') return 'confirmed';
  if (digit === '2') return 'to be moved';
  return digit === '' ? 'hung up' : 'pressed something else';
}
