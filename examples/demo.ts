/** `npm run demo`: a campaign of 60 calls on simulated lines, from the CSV file to signed results. */
import { hint, type Options, readOptions, usage } from './demo/options';

async function main(): Promise<void> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${hint}\n`);
    process.exitCode = 2;
    return;
  }
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  // Loads the native worker, which neither help nor a wrong option should wait for.
  const { runDemo } = await import('./demo/run-demo');
  await runDemo(options);
}

void main();
