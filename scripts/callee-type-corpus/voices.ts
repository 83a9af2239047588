/** Who says it: speech synthesizers of Debian, and persons recorded for some of its packages. No voice is in two batches. */
import type { Batch, Language } from './texts';

export interface Voice {
  readonly name: string;
  readonly language: Language;
  readonly engine: 'espeak' | 'flite' | 'festival' | 'rhvoice' | 'pico' | 'open-jtalk';
  /** Encoding that the engine wants. @defaultValue UTF-8 */
  readonly encoding?: string;
}

/** A person who was recorded: their files are below `folder`, of /usr/share. */
export interface Recorded {
  readonly name: string;
  readonly language: string;
  readonly folder: string;
  /** Which of the files there. */
  readonly files: RegExp;
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
  // Languages and variants of espeak-ng, and voices of festival, RHVoice and MBROLA that were left.
  fourth: [
    espeak('en-us-nyc+m8', 'en'),
    espeak('en-029+Denis', 'en'),
    espeak('en-gb-x-gbclan+linda', 'en'),
    espeak('de+Michael', 'de'),
    espeak('fr-fr+Annie', 'fr'),
    espeak('es-419+Andrea', 'es'),
    espeak('it+Marco', 'it'),
    espeak('pt-br+Diogo', 'pt'),
    espeak('ru+Alicia', 'ru'),
    espeak('pl+anika', 'pl'),
    espeak('sv+steph', 'sv'),
    espeak('da+max', 'da'),
    espeak('da+belinda', 'da'),
    espeak('el+paul', 'el'),
    espeak('ro+Alex', 'ro'),
    espeak('tr+shelby', 'tr'),
    espeak('hi+edward', 'hi'),
    festival('us1_mbrola', 'en'),
    festival('us3_mbrola', 'en'),
    festival('en1_mbrola', 'en'),
    espeak('mb-de6', 'de'),
    espeak('mb-fr1', 'fr'),
    espeak('mb-es1', 'es'),
    espeak('mb-it3', 'it'),
    espeak('mb-pt1', 'pt'),
    espeak('mb-pl1', 'pl'),
    espeak('mb-gr2', 'el'),
    espeak('mb-ro1', 'ro'),
    rhvoice('lyubov', 'en'),
    rhvoice('evgeniy-eng', 'en'),
    rhvoice('irina', 'ru'),
    rhvoice('pavel', 'ru'),
    rhvoice('tatiana', 'ru'),
    rhvoice('marianna', 'uk'),
  ],
};

/** Asterisk's prompts, but no sounds without words. */
const asterisk = (name: string, language: string): Recorded => ({
  name,
  language,
  folder: `asterisk/sounds/${name}`,
  files: /^(?!silence|followme)(?!.*(tone|beep|monkey|weasel)).*\.(wav|gsm)$/,
});
/** What the two fish say in Fillets: `m` a woman, `v` a man. */
const fillets = (language: string, fish: 'm' | 'v'): Recorded => ({
  name: `fillets-${language}-${fish}`,
  language,
  folder: 'games/fillets-ng/sound',
  files: new RegExp(`^[^/]+/${language}/[^/]+-${fish}-[^/]+\\.ogg$`),
});
/** What the stamps of Tux Paint are, said by a volunteer or two a language. */
const tuxPaint = (language: string): Recorded => ({
  name: `tuxpaint-${language}`,
  language,
  folder: 'tuxpaint/stamps',
  files: new RegExp(`_desc_${language}\\.ogg$`),
});

export const recorded: Record<Batch, readonly Recorded[]> = {
  // The first two are one person.
  first: [asterisk('en_US_f_Allison', 'en'), asterisk('es_MX_f_Allison', 'es'), asterisk('it_IT_m_Carlo', 'it')],
  second: [asterisk('fr_CA_f_June', 'fr'), asterisk('it_IT_f_Menardi', 'it'), asterisk('ru_RU_f_IvrvoiceRU', 'ru')],
  third: [asterisk('de', 'de'), asterisk('es', 'es'), asterisk('fr', 'fr')],
  fourth: [fillets('cs', 'm'), fillets('cs', 'v'), tuxPaint('bg'), tuxPaint('es'), tuxPaint('ro'), tuxPaint('ru')],
};
