/** Tells a person at once, and leaves a message after a machine's beep. */
import type { Application } from 'outdial/worker';

export const voicemail: Application = async (call) => {
  // An opening of 4 s or more: who listens is known when it ends, and no person waited in silence for it.
  await call.play('This is the town library. We have news about a book that you have asked for.');
  switch (call.calleeType) {
    case 'answeringmachine':
      // What is said before the beep is not recorded.
      if (!(await call.machineBeep())) return 'no beep';
      await call.play('This is the town library. Your book is here, and kept for you until Friday.');
      // A machine that hangs up meanwhile has only a part of it.
      return call.signal.aborted ? 'message cut' : 'message left';
    case 'fax':
      return 'fax';
    default:
      // A person, or somebody who has not spoken yet.
      await call.play('It is here, and kept for you until Friday.');
      return 'told';
  }
};
