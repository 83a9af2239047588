/** Who says it: speech synthesizers of Debian, and the recorded voices of Asterisk's prompts. No voice is in two batches. */
import type { Batch, Language } from './texts';

export interface Voice {
  readonly name: string;
  readonly language: Language;
  readonly engine: 'espeak' | 'flite' | 'festival' | 'rhvoice' | 'pico' | 'open-jtalk';
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

const rhvoice = (name: string, language: Language): Voice => ({ name, language, engine: 'rhvoice' });
const pico = (name: string, language: Language): Voice => ({ name, language, engine: 'pico' });

export const voices: Record<Batch, readonly Voice[]> = {
  first: [
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
  second: [
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
  // Most of them learnt their rhythm from a person each, and none shares espeak-ng's but the ones of MBROLA (`mb-…`).
  third: [
    rhvoice('alan', 'en'),
    rhvoice('bdl', 'en'),
    rhvoice('clb', 'en'),
    rhvoice('Leticia-F123', 'pt'),
    rhvoice('magda', 'pl'),
    rhvoice('natan', 'pl'),
    rhvoice('anna', 'ru'),
    rhvoice('aleksandr', 'ru'),
    rhvoice('elena', 'ru'),
    rhvoice('artemiy', 'ru'),
    rhvoice('anatol', 'uk'),
    rhvoice('natalia', 'uk'),
    rhvoice('volodymyr', 'uk'),
    rhvoice('spomenka', 'eo'),
    rhvoice('suze', 'mk'),
    rhvoice('hana', 'sq'),
    pico('en-US', 'en'),
    pico('en-GB', 'en'),
    pico('de-DE', 'de'),
    pico('es-ES', 'es'),
    pico('fr-FR', 'fr'),
    pico('it-IT', 'it'),
    { name: 'nitech_jp_atr503_m001', language: 'ja', engine: 'open-jtalk' },
    festival('rab_diphone', 'en'),
    festival('don_diphone', 'en'),
    festival('el_diphone', 'es', 'ISO-8859-1'),
    festival('upc_ca_ona_hts', 'ca', 'ISO-8859-1'),
    festival('msu_ru_nsh_clunits', 'ru', 'UTF-8'),
    espeak('mb-de5', 'de'),
    espeak('mb-fr4', 'fr'),
    espeak('mb-it4', 'it'),
    espeak('mb-br4', 'pt'),
    espeak('mb-nl2', 'nl'),
    espeak('mb-sw2', 'sv'),
    espeak('mb-hu1', 'hu'),
    espeak('mb-tr2', 'tr'),
  ],
};

export const recorded: Record<Batch, readonly Recorded[]> = {
  first: [
    { folder: 'en_US_f_Allison', language: 'en' },
    // The same person.
    { folder: 'es_MX_f_Allison', language: 'es' },
    { folder: 'it_IT_m_Carlo', language: 'it' },
  ],
  second: [
    { folder: 'fr_CA_f_June', language: 'fr' },
    { folder: 'it_IT_f_Menardi', language: 'it' },
    { folder: 'ru_RU_f_IvrvoiceRU', language: 'ru' },
  ],
  third: [
    { folder: 'de', language: 'de' },
    { folder: 'es', language: 'es' },
    { folder: 'fr', language: 'fr' },
  ],
};
