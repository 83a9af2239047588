#!/usr/bin/env node
/** The `outdial` command. */
import { CommanderError } from 'commander';
import { named } from './connect';
import { ExitCode, exitCodeOf } from './exit-codes';
import { Output } from './output';
import { program } from './program';

async function main(args: readonly string[]): Promise<void> {
  // Whoever reads along may stop reading: `outdial campaign list | head`.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  // Wrong options are told before any is parsed.
  const out = new Output(args.includes('--json'));
  try {
    await program(out).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode !== 0 && out.json) out.error('USAGE', error.message.replace(/^error: /, ''));
      process.exitCode = error.exitCode === 0 ? ExitCode.OK : ExitCode.USAGE;
      return;
    }
    const failure = named(error);
    out.failure(failure);
    process.exitCode = exitCodeOf(failure);
  }
}

void main(process.argv.slice(2));
