/** Speech at 8 kHz, from programs of this machine; each text is synthesized once and kept. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Samples, trimmed } from './signals';
import type { Recorded, Voice } from './voices';

const shared = '/usr/share';

/** Name of a file, without what tells its format. */
export function withoutEnd(file: string): string {
  return file.replace(/\.[a-z]+$/, '');
}

export class Speech {
  private readonly folder: string;

  constructor(out: string) {
    this.folder = join(out, 'speech');
    mkdirSync(this.folder, { recursive: true });
  }

  /** Without the silence around it. */
  say(voice: Voice, text: string): Samples {
    const id = createHash('sha256').update(`${voice.engine} ${voice.name} ${text}`).digest('hex').slice(0, 16);
    const raw = join(this.folder, `${id}.raw`);
    if (!existsSync(raw)) {
      const wav = join(this.folder, `${id}.tmp.wav`);
      synthesize(voice, text, wav);
      sox(wav, '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed', '-t', 'raw', `${raw}.tmp`, 'norm', '-3');
      renameSync(`${raw}.tmp`, raw);
      rmSync(wav);
    }
    return trimmed(samplesOf(readFileSync(raw)));
  }

  /** What a person was recorded to say. */
  recording({ name: voice, folder }: Recorded, file: string): Samples {
    const path = join(shared, folder, file);
    if (file.endsWith('.wav')) {
      const wav = readFileSync(path);
      return trimmed(samplesOf(wav.subarray(wav.indexOf('data') + 8)));
    }
    const raw = join(this.folder, `${voice}-${withoutEnd(file).replaceAll('/', '-')}.raw`);
    if (!existsSync(raw)) {
      sox(path, '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed', '-t', 'raw', `${raw}.tmp`);
      renameSync(`${raw}.tmp`, raw);
    }
    return trimmed(samplesOf(readFileSync(raw)));
  }

  /** Files of a person, in order. */
  recordings({ folder, files }: Recorded): string[] {
    return readdirSync(join(shared, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => files.test(file))
      .sort((a, b) => (withoutEnd(a) < withoutEnd(b) ? -1 : 1));
  }
}

/** There and back through a mobile phone's codec. */
export function throughGsm(samples: Int16Array, scratch: string): Int16Array {
  const raw = ['-t', 'raw', '-r', '8000', '-c', '1', '-b', '16', '-e', 'signed'];
  writeFileSync(`${scratch}.raw`, new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
  execFileSync('sox', ['-D', ...raw, `${scratch}.raw`, '-t', 'gsm', `${scratch}.gsm`]);
  execFileSync('sox', ['-D', '-t', 'gsm', `${scratch}.gsm`, ...raw, `${scratch}.raw`]);
  const bytes = readFileSync(`${scratch}.raw`);
  for (const end of ['raw', 'gsm']) rmSync(`${scratch}.${end}`);
  const decoded = new Int16Array(samples.length);
  for (let i = 0; i < decoded.length && 2 * i + 1 < bytes.length; i++) decoded[i] = bytes.readInt16LE(2 * i);
  return decoded;
}

function synthesize({ engine, name, encoding = 'ISO-8859-1' }: Voice, text: string, wav: string): void {
  const reads = (command: string, args: readonly string[], input: string | Buffer): void => {
    execFileSync(command, args, { input, stdio: ['pipe', 'ignore', 'ignore'] });
  };
  switch (engine) {
    case 'espeak':
      return void execFileSync('espeak-ng', ['-v', name, '-w', wav, text], { stdio: 'ignore' });
    case 'flite':
      return void execFileSync('flite', ['-voice', name, '-t', text, '-o', wav]);
    case 'pico':
      return void execFileSync('pico2wave', ['-l', name, '-w', wav, text]);
    case 'rhvoice':
      return reads('RHVoice-test', ['-p', name, '-o', wav], text);
    case 'open-jtalk':
      return reads(
        'open_jtalk',
        ['-x', japaneseWords, '-m', `/usr/share/hts-voice/${name.replaceAll('_', '-')}/${name}.htsvoice`, '-ow', wav],
        text,
      );
    case 'festival': {
      const encoded = execFileSync('iconv', ['-f', 'UTF-8', '-t', `${encoding}//TRANSLIT`], { input: text });
      return reads('text2wave', ['-eval', `(voice_${name})`, '-o', wav], encoded);
    }
  }
}

const japaneseWords = '/var/lib/mecab/dic/open-jtalk/naist-jdic';

function sox(...args: string[]): void {
  // Without dither, which would be another one in every run.
  execFileSync('sox', ['-D', ...args], { stdio: 'ignore' });
}

function samplesOf(bytes: Buffer): Samples {
  return Float64Array.from({ length: bytes.length >> 1 }, (_, i) => bytes.readInt16LE(2 * i) / 32_768);
}
