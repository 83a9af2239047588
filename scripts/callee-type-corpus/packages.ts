/** What the clips are made with: packages of Debian 12, some of contrib and non-free. Other versions of them make other clips. */
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
  'festival-ca',
  'festvox-ca-ona-hts',
  'festvox-don',
  'festvox-ellpc11k',
  'festvox-rablpc16k',
  'festvox-ru',
  'festvox-en1',
  'festvox-us1',
  'festvox-us3',
  'rhvoice',
  'rhvoice-albanian',
  'rhvoice-brazilian-portuguese',
  'rhvoice-english',
  'rhvoice-esperanto',
  'rhvoice-macedonian',
  'rhvoice-polish',
  'rhvoice-russian',
  'rhvoice-ukrainian',
  'libttspico-utils',
  'open-jtalk',
  'open-jtalk-mecab-naist-jdic',
  'hts-voice-nitech-jp-atr503-m001',
  'mbrola',
  'mbrola-br4',
  'mbrola-de5',
  'mbrola-de6',
  'mbrola-es1',
  'mbrola-fr1',
  'mbrola-fr4',
  'mbrola-gr2',
  'mbrola-hu1',
  'mbrola-it3',
  'mbrola-it4',
  'mbrola-nl2',
  'mbrola-pl1',
  'mbrola-pt1',
  'mbrola-ro1',
  'mbrola-sw2',
  'mbrola-tr2',
  'mbrola-us1',
  'mbrola-us3',
  'mbrola-en1',
  'sox',
  'asterisk-core-sounds-en-wav',
  'asterisk-core-sounds-es-wav',
  'asterisk-core-sounds-fr-wav',
  'asterisk-core-sounds-it-wav',
  'asterisk-core-sounds-ru-wav',
  'asterisk-prompt-it-menardi-wav',
  // Of Debian's sid; any Debian takes it.
  'asterisk-prompt-de',
  'asterisk-prompt-es-co',
  'asterisk-prompt-fr-armelle',
  'fillets-ng-data-cs',
  'tuxpaint-stamps-default',
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
