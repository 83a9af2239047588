/** Speech by a program of the user's: text on its standard input, a WAV file on its standard output. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readWav } from '../callee-type/wav';
import type { Speech } from '../trunks/trunk';
import type { SpeechCommand } from './config-schema';

/** Half an hour of 16 kHz: more than any prompt. */
const mostBytes = 64 * 1024 * 1024;

/**
 * Runs the program once for each text, without a shell. What is wrong with its run or its file rejects.
 *
 * @param mostMs - a run that takes longer is ended
 */
export function commandSpeech(speech: SpeechCommand, mostMs = 30_000): Speech {
  return async (text) => {
    try {
      return readWav(await outputOf(speech, text, mostMs));
    } catch (error) {
      throw new Error(`speech: ${speech.command[0]}: ${(error as Error).message}`);
    }
  };
}

async function outputOf({ command, folder }: SpeechCommand, input: string, mostMs: number): Promise<Buffer> {
  const [program, ...args] = command;
  // A process group of its own: Ctrl-C lets live calls finish, and a shell's children end with it.
  const child = spawn(program!, args, { cwd: folder, stdio: 'pipe', detached: true });
  let problem: string | undefined;
  const stop = (because: string): void => {
    problem ??= because;
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  const timer = setTimeout(() => stop(`it took longer than ${mostMs} ms`), mostMs);
  const output: Buffer[] = [];
  let bytes = 0;
  let complaint = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output.push(chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) stop(`it wrote more than ${mostBytes} bytes`);
  });
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-200)));
  // A program that has read enough may close its input.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  try {
    const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
    if (problem !== undefined) throw new Error(problem);
    if (code !== 0) throw new Error(`it ended with ${signal ?? `code ${code}`}: ${complaint.trim()}`);
    return Buffer.concat(output);
  } finally {
    clearTimeout(timer);
  }
}
