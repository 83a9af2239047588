/** A process that does nothing but place calls by the SIP trunk, without an engine, and counts the sound that comes back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { simulatedNumber, sipTrunk } from 'outdial/worker';
import { babble } from '../../src/trunks/simulated/callee-sounds';
import { ani } from '../engine';
import { answerQuestions } from '../watched-process';
import type { Calls } from './callers';
import { countReceivedRtp } from './received-rtp';

export interface TrunkOptions {
  /** SIP URI. */
  readonly server: string;
}

function main({ server }: TrunkOptions): void {
  process.once('disconnect', () => process.exit());
  const received = countReceivedRtp();
  const trunk = sipTrunk({ servers: [server] });
  let placed = 0;

  const dial = async (sound: Int16Array): Promise<void> => {
    const n = placed++;
    const destination = simulatedNumber('voice', n);
    const call = trunk.place({ callId: `call-${n}`, attempt: 1, destination, ani, ringTimeoutMs: 30_000 });
    if (await call.answered) await call.play({ audio: sound });
    await call.hangUp();
  };

  const place = async ({ calls, lines, perSecond, talkMs }: Calls): Promise<void> => {
    const sound = babble(talkMs);
    const startedAt = performance.now();
    let begun = 0;
    const line = async (): Promise<void> => {
      while (begun < calls) {
        const dueAt = startedAt + (1_000 * begun++) / perSecond;
        if (dueAt > performance.now()) await sleep(dueAt - performance.now());
        await dial(sound);
      }
    };
    await Promise.all(Array.from({ length: lines }, line));
  };

  answerQuestions({ place, received });
}

main(JSON.parse(process.argv[2]!) as TrunkOptions);
