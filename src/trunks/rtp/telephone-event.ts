/** DTMF digits in RTP: RFC 4733. */

/** Digits by their event code. */
const digits = '0123456789*#ABCD';

/** Timestamp units, at 8 kHz, that a digit lasts: 100 ms. */
export const digitDuration = 800;
/** The last packet of a digit is sent three times: RFC 4733, 2.5.1.4. */
export const endPackets = 3;

/** A packet's payload. Volume is 10 dB below full scale. */
export function encodeEvent(digit: string, duration: number, isEnd: boolean): Uint8Array {
  return Uint8Array.of(digits.indexOf(digit), (isEnd ? 0x80 : 0) | 10, duration >> 8, duration & 0xff);
}

/** The digit of a payload; undefined for another event and for what is none. */
export function decodeEvent(payload: Uint8Array): string | undefined {
  return payload.length >= 4 ? digits[payload[0]!] : undefined;
}
