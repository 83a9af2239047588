import { parseArgs } from 'node:util';

export interface Options {
  /** Leave server, workers and web UI up after the campaign. */
  readonly keep: boolean;
  /** One line of JSON on stdout; all else goes to stderr. */
  readonly json: boolean;
  readonly help: boolean;
}

export const usage = `Usage: npm run demo -- [options]

Dials the 60 calls of examples/appointments.csv on 10 simulated lines, with a Temporal server of its own, and shows what
became of them. Leaves nothing behind.

  --keep  leave the server, its web UI and the workers up afterwards, until Ctrl-C
  --json  print one line of JSON on stdout at the end, everything else on stderr (npm run -s keeps npm itself quiet)
  --help  show this

Exit codes: 0 all held, 1 something did not, 2 wrong options, 130 Ctrl-C.
`;

export const hint = 'npm run demo -- --help shows the options.';

/** @throws TypeError that says what is wrong */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { keep = false, json = false, help = false } = values;
  return { keep, json, help };
}
