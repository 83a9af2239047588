/** Destinations and caller IDs as people write them, read into E.164. */
import { isSupportedCountry, parsePhoneNumberFromString, validatePhoneNumberLength } from 'libphonenumber-js/max';
import type { CountryCode } from 'libphonenumber-js/max';

/** A refusal: a short English sentence that says what is wrong and what is allowed. Shows at most two digits of a number. */
export interface Refused {
  readonly ok: false;
  readonly reason: string;
}

/** What `parsePhoneNumber` answers; `number` is E.164 with `+`. */
export type ParsedPhoneNumber = { readonly ok: true; readonly number: string } | Refused;

/** What `parseDestination` answers; `destination` and `ani` are E.164 with `+`. */
export type ParsedDestination =
  { readonly ok: true; readonly destination: string; readonly postd?: string; readonly ani?: string } | Refused;

/** Whether national numbers of this country can be read. `country` is ISO 3166 alpha-2, upper case. */
export function isCountry(country: string): country is CountryCode {
  return isSupportedCountry(country);
}

/**
 * Reads `[tel:][+]digits[;ani=…][;postd=…]`, parameters in either order and each at most once.
 * `postd` are digits to send after answer: `[0-9*#A-Dw,p]{1,32}`.
 *
 * @param country Country of national numbers, ISO 3166 alpha-2, such as `US`.
 */
export function parseDestination(text: string, country: string): ParsedDestination {
  const [number = '', ...parameters] = withoutScheme(text.trim()).split(';');
  const destination = parsePhoneNumber(number, country);
  if (!destination.ok) return destination;

  const found: { ani?: string; postd?: string } = {};
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    const name = (equals < 0 ? parameter : parameter.slice(0, equals)).trim();
    const value = equals < 0 ? '' : parameter.slice(equals + 1).trim();
    const key = name.toLowerCase();
    if (key !== 'ani' && key !== 'postd') {
      return refused(`"${maskDigits(name)}" is not a parameter of a destination; allowed are ani and postd`);
    }
    if (found[key] !== undefined) return refused(`${key} is given twice; once is allowed`);
    if (key === 'postd') {
      // The value is not repeated: it may be somebody's PIN.
      if (!/^[0-9*#A-Dw,p]{1,32}$/.test(value)) {
        return refused('postd is not 1 to 32 characters of 0-9, *, #, A-D, w, p and comma');
      }
      found.postd = value;
    } else {
      const ani = parsePhoneNumber(value, country);
      if (!ani.ok) return refused(`ani: ${ani.reason}`);
      found.ani = ani.number;
    }
  }
  return { ok: true, destination: destination.number, ...found };
}

/**
 * Reads one phone number, national or international. Spaces, dots, dashes and parentheses are passed over.
 *
 * A number must be one that libphonenumber knows as assigned (`isValid()`), which keeps out emergency numbers and short
 * codes. Fictional numbers of North America (such as +1 617 555 0123) are valid by that rule; some of other countries,
 * such as the British 07700 900xxx, are not and are refused.
 *
 * @param country Country of national numbers, ISO 3166 alpha-2, such as `US`.
 */
export function parsePhoneNumber(text: string, country: string): ParsedPhoneNumber {
  if (!isCountry(country)) return refused('the country is not an ISO 3166 alpha-2 code such as US');
  const written = text.trim();
  if (written === '') return refused(`the number is empty; ${howToWrite(country)}`);
  if (!/^\+?[\d\s.()\u2010-\u2015-]+$/.test(written)) {
    return refused(`"${maskDigits(written)}" is not a phone number; ${howToWrite(country)}`);
  }
  const number = parsePhoneNumberFromString(written, { defaultCountry: country, extract: false });
  if (number?.isValid()) return { ok: true, number: number.number };
  return refused(`the number ending in ${lastTwoDigits(written)} ${flaw(written, country)}; ${howToWrite(country)}`);
}

function withoutScheme(text: string): string {
  return /^tel:/i.test(text) ? text.slice('tel:'.length) : text;
}

function flaw(written: string, country: CountryCode): string {
  switch (validatePhoneNumberLength(written, country)) {
    case 'TOO_SHORT':
      return 'is too short';
    case 'TOO_LONG':
      return 'is too long';
    case 'INVALID_COUNTRY':
      return 'has an unknown country code';
    default:
      return 'is not in use by any network';
  }
}

function howToWrite(country: string): string {
  return `write + and country code, or a national number of ${country}`;
}

function lastTwoDigits(text: string): string {
  return text.replace(/\D/g, '').slice(-2);
}

/** The first 40 characters of a text, for a message, with all digits but the last two starred. */
export function maskDigits(text: string): string {
  return text.slice(0, 40).replace(/\d(?=(?:\D*\d){2})/g, '*');
}

function refused(reason: string): Refused {
  return { ok: false, reason };
}
