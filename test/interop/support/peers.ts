/** The programs that interop tests need. What can't be had is skipped, by name. */
import { access } from 'node:fs/promises';
import { readConfig } from '../../../src/config';
import { findOnPath } from '../../../src/dev-server/find-executable';
import { unpackedAsterisk } from './unpacked-asterisk';

const log = (line: string): void => void process.stderr.write(`${line}\n`);

const onPath = (name: string, debianPackage: string) => async (): Promise<void> => {
  if (!(await findOnPath(name, readConfig().path)))
    throw new Error(`not on the PATH: apt-get install ${debianPackage}`);
};

/** Sounds of recorded persons. */
export const recordedSounds = '/usr/share/asterisk/sounds/en_US_f_Allison';

/** How each is looked for. */
const peers = {
  asterisk: () => unpackedAsterisk(log).then(() => undefined),
  sipp: onPath('sipp', 'sip-tester'),
  kamailio: onPath('kamailio', 'kamailio'),
  sounds: () =>
    access(recordedSounds).catch(() => {
      throw new Error('no recorded sounds: apt-get install asterisk-core-sounds-en-wav');
    }),
} as const;
export type Peer = keyof typeof peers;

/** Reaches the test files from global setup, which may run in another process. */
const variable = 'OUTDIAL_TEST_PEERS';

/** Once per run. */
export async function lookForPeers(): Promise<void> {
  const found: string[] = [];
  for (const [name, look] of Object.entries(peers)) {
    try {
      await look();
      found.push(name);
    } catch (error) {
      log(`SKIPPED: interop tests with ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  process.env[variable] = found.join(' ');
}

/** `describe`, or `describe.skip` where one of them can't be had. */
export function describeWith(needed: readonly Peer[], title: string, tests: () => void): void {
  const found = (process.env[variable] ?? '').split(' ');
  const missing = needed.filter((name) => !found.includes(name));
  if (missing.length === 0) describe(title, tests);
  else describe.skip(`${title} (no ${missing.join(', no ')})`, tests);
}
