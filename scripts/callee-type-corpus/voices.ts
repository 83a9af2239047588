/** Who says it: speech synthesizers of Debian, and the recorded voices of Asterisk's prompts. No voice is in both halves. */
import type { Half, Language } from './texts';

export interface Voice {
  readonly name: string;
  readonly language: Language;
  readonly engine: 'espeak' | 'flite' | 'festival';
  /** Encoding that the engine wants. @defaultValue UTF-8 */
  readonly encoding?: string;
}

/** A person who read Asterisk's prompts; `folder` is below /usr/share/asterisk/sounds. */
export interface Recorded {
  readonly folder: string;
  readonly language: string;
}

const espeak = (name: string, language: Language): Voice => ({ name, language, engine: 'espeak' });
const flite = (name: string): Voice => ({ name, language: 'en', engine: 'flite' });
const festival = (name: string, language: Language, encoding?: string): Voice => ({
  name,
  language,
  engine: 'festival',
  ...(encoding !== undefined && { encoding }),
});

export const voices: Record<Half, readonly Voice[]> = {
  tune: [
    espeak('en-us', 'en'),
    espeak('en-gb+f2', 'en'),
    espeak('en-gb-scotland+m4', 'en'),
    espeak('de+m1', 'de'),
    espeak('de+f1', 'de'),
    espeak('fr-fr+m3', 'fr'),
    espeak('fr-fr+f3', 'fr'),
    espeak('es+m1', 'es'),
    espeak('es-419+f2', 'es'),
    espeak('it+m2', 'it'),
    espeak('it+f1', 'it'),
    espeak('pt+m3', 'pt'),
    espeak('pt-br+f2', 'pt'),
    espeak('nl+m1', 'nl'),
    espeak('pl+f2', 'pl'),
    espeak('cs+m2', 'cs'),
    espeak('fi+f3', 'fi'),
    flite('kal'),
    flite('awb'),
    // The voice of flite's kal.
    festival('kal_diphone', 'en'),
    festival('lp_diphone', 'it', 'ISO-8859-1'),
    festival('czech_dita', 'cs', 'ISO-8859-2'),
    festival('czech_ph', 'cs', 'ISO-8859-2'),
    festival('hy_fi_mv_diphone', 'fi', 'ISO-8859-1'),
  ],
  unheard: [
    espeak('en-us+f4', 'en'),
    espeak('en-gb+m7', 'en'),
    espeak('en-gb-x-rp+klatt2', 'en'),
    espeak('de+m3', 'de'),
    espeak('de+f4', 'de'),
    espeak('fr-be+m5', 'fr'),
    espeak('fr-ch+f5', 'fr'),
    espeak('es-419+m6', 'es'),
    espeak('es+f4', 'es'),
    espeak('it+m5', 'it'),
    espeak('it+f4', 'it'),
    espeak('pt+f5', 'pt'),
    espeak('pt-br+m7', 'pt'),
    espeak('nl+f4', 'nl'),
    espeak('pl+m6', 'pl'),
    espeak('cs+f5', 'cs'),
    espeak('fi+m7', 'fi'),
    flite('rms'),
    flite('slt'),
    // The voice of flite's slt.
    festival('cmu_us_slt_arctic_hts', 'en'),
    festival('ked_diphone', 'en'),
    festival('pc_diphone', 'it', 'ISO-8859-1'),
    festival('czech_krb', 'cs', 'ISO-8859-2'),
    festival('czech_machac', 'cs', 'ISO-8859-2'),
    festival('suo_fi_lj_diphone', 'fi', 'ISO-8859-1'),
  ],
};

export const recorded: Record<Half, readonly Recorded[]> = {
  tune: [
    { folder: 'en_US_f_Allison', language: 'en' },
    // The same person.
    { folder: 'es_MX_f_Allison', language: 'es' },
    { folder: 'it_IT_m_Carlo', language: 'it' },
  ],
  unheard: [
    { folder: 'fr_CA_f_June', language: 'fr' },
    { folder: 'it_IT_f_Menardi', language: 'it' },
    { folder: 'ru_RU_f_IvrvoiceRU', language: 'ru' },
  ],
};
