/** What the clips are made with: packages of Debian 12. Other versions of them make other clips. */
import { execFileSync } from 'node:child_process';

const packages = [
  'espeak-ng',
  'flite',
  'festival',
  'festival-czech',
  'festvox-czech-dita',
  'festvox-czech-krb',
  'festvox-czech-machac',
  'festvox-czech-ph',
  'festvox-italp16k',
  'festvox-itapc16k',
  'festvox-kallpc16k',
  'festvox-kdlpc16k',
  'festvox-suopuhe-lj',
  'festvox-suopuhe-mv',
  'festvox-us-slt-hts',
  'sox',
  'asterisk-core-sounds-en-wav',
  'asterisk-core-sounds-es-wav',
  'asterisk-core-sounds-fr-wav',
  'asterisk-core-sounds-it-wav',
  'asterisk-core-sounds-ru-wav',
] as const;

/**
 * Version of each package.
 *
 * @throws Error that says what to install, where one is missing
 */
export function packageVersions(): Record<string, string> {
  try {
    const shown = execFileSync('dpkg-query', ['-W', '-f', '${Package} ${Version}\n', ...packages], {
      encoding: 'utf8',
    });
    return Object.fromEntries(
      shown
        .trim()
        .split('\n')
        .map((line) => line.split(' ') as [string, string]),
    );
  } catch {
    throw new Error(`the clips are made with packages of Debian: apt-get install ${packages.join(' ')}`);
  }
}
