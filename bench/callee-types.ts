/**
 * How many calls one core tells the callee types of while they go on: the media that is listened to, over the CPU time that it takes.
 * All calls are heard side by side, a frame of each at a time, as they come in.
 */
import { CalleeTypeDetector, frameMs, frameSize } from 'outdial/worker';
import { soundOf } from '../src/trunks/simulated/callee-sounds';
import { type Figure, list, median } from './figure';

const calls = 300;
const windowMs = 4_000;
/** Silence is listened to for the whole window; the others are told earlier. */
const sounds = (['person', 'machine', 'fax', 'silence'] as const).map(soundOf);

export const calleeTypes: Figure = (lab) => {
  const rounds: number[] = [];
  listen();
  for (let round = 1; round <= lab.rounds; round++) {
    const before = process.cpuUsage();
    listen();
    const { user, system } = process.cpuUsage(before);
    rounds.push((calls * windowMs * 1_000) / (user + system));
  }
  lab.say(`callee-types: ${list(rounds)} calls at once`);
  const note = `rounds ${list(rounds)}`;
  return Promise.resolve([
    { name: 'callee-types', measured: median(rounds), bound: { atLeast: 300 }, unit: 'calls', note },
  ]);
};

function listen(): void {
  const detectors = Array.from({ length: calls }, () => new CalleeTypeDetector());
  for (let at = 0; at < windowMs / frameMs; at++) {
    for (const [call, detector] of detectors.entries()) {
      detector.push(sounds[call % sounds.length]!.subarray(at * frameSize, (at + 1) * frameSize));
    }
  }
}
