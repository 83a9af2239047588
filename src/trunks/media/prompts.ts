/** From what is to be played to sound. */
import { readFile } from 'node:fs/promises';
import { types } from 'node:util';
import { frameMs, frameSize } from '../../callee-type';
import { readWav } from '../../callee-type/wav';
import type { Audio, Prompt, Speech } from '../trunk';

/** Sound of a prompt, read and spoken as far as it must be before it can be played. */
export async function audioOf(prompt: Prompt, speech: Speech | undefined): Promise<Pieces> {
  if (typeof prompt === 'string') return piecesOf(await spoken(prompt, speech));
  if ('silenceMs' in prompt) return silence(prompt.silenceMs);
  if ('wav' in prompt) return piecesOf(readWav(await readFile(prompt.wav)));
  return piecesOf(prompt.audio);
}

/** Samples at 8 kHz, piece by piece. */
export type Pieces = Iterable<Int16Array> | AsyncIterable<Int16Array>;

function spoken(text: string, speech: Speech | undefined): Promise<Audio> {
  if (!speech)
    throw new Error('play: text needs speech: an option of the trunk, and a field of the configuration file');
  return speech(text);
}

/** A `Buffer` of samples is a likely mistake, and would be taken for an endless number of pieces. */
function piecesOf(audio: Audio): Pieces {
  if (types.isInt16Array(audio)) return [audio];
  if (typeof audio === 'object' && audio !== null && Symbol.asyncIterator in audio) return audio;
  throw new TypeError('play: sound must be an Int16Array of 16-bit PCM at 8 kHz, or such pieces as they come');
}

function* silence(ms: number): Generator<Int16Array> {
  const frame = new Int16Array(frameSize);
  for (let left = Math.round(ms / frameMs); left > 0; left--) yield frame;
}
