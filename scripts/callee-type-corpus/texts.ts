/** What is said, by batch, language and list. */
import { thirdTexts } from './texts-third';
import { tuneTexts } from './texts-tune';
import { unheardTexts } from './texts-unheard';

/** Clips that share voices and texts with no other batch; which of them tune, index.ts says. */
export type Batch = 'first' | 'second' | 'third' | 'fourth';

export interface Texts {
  /** A person's one or two words. */
  readonly short: readonly string[];
  /** A person's name or sentence. */
  readonly phrase: readonly string[];
  /** Somebody at work. */
  readonly business: readonly string[];
  /** A machine's greeting of 4 s and more. */
  readonly machine: readonly string[];
  /** A machine's greeting of about 2 s, before a beep. */
  readonly brief: readonly string[];
}

export type Language = keyof typeof tuneTexts | keyof typeof thirdTexts | keyof typeof unheardTexts;

/** The texts that a batch says in a language; none where it has no voice of that language. */
export function textsOf(language: Language, batch: Batch, list: keyof Texts): readonly string[] {
  const said = (all: Partial<Record<Language, Texts>>): readonly string[] => all[language]?.[list] ?? [];
  if (batch === 'third') return said(thirdTexts);
  if (batch === 'fourth') return said(unheardTexts);
  return said(tuneTexts).filter((_, n) => (n % 2 === 0) === (batch === 'first'));
}
