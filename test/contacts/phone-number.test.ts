import { parseDestination, parsePhoneNumber } from '../../src/contacts/phone-number';

describe('parsePhoneNumber', () => {
  it.each([
    ['+16175550123', 'US', '+16175550123'],
    ['+12125550123', 'US', '+12125550123'],
    ['6175550123', 'US', '+16175550123'],
    ['16175550123', 'US', '+16175550123'],
    ['(617) 555-0123', 'US', '+16175550123'],
    [' +1 617.555.0123 ', 'DE', '+16175550123'],
    ['020 7946 0958', 'GB', '+442079460958'],
    ['+44 (0)20 7946 0958', 'US', '+442079460958'],
    ['030 23125 123', 'DE', '+493023125123'],
    ['0049 30 23125 123', 'GB', '+493023125123'],
  ])('reads %s of %s', (text, country, number) => {
    expect(parsePhoneNumber(text, country)).toEqual({ ok: true, number });
  });

  it.each([
    ['911', 'US'],
    ['112', 'DE'],
    ['999', 'GB'],
    ['000', 'AU'],
    ['+1911', 'US'],
    ['116117', 'DE'],
    ['40404', 'US'],
  ])('refuses the emergency or short number %s of %s', (text, country) => {
    expect(parsePhoneNumber(text, country).ok).toBe(false);
  });

  it.each([
    ['', /is empty; write \+ and country code, or a national number of US/],
    ['617555012', /ending in 12 is too short/],
    ['+161755501234567', /ending in 67 is too long/],
    ['+999123456789', /ending in 89 has an unknown country code/],
    ['+16171550123', /ending in 23 is not in use/],
    ['6175550123 x5', /is not a phone number/],
    ['1-800-FLOWERS', /is not a phone number/],
    ['617/555/0123', /is not a phone number/],
  ])('says what is wrong with "%s"', (text, reason) => {
    expect(parsePhoneNumber(text, 'US')).toEqual({ ok: false, reason: expect.stringMatching(reason) as string });
  });

  it('refuses a country that it does not know', () => {
    expect(parsePhoneNumber('+16175550123', 'XX')).toEqual({
      ok: false,
      reason: 'the country is not an ISO 3166 alpha-2 code such as US',
    });
  });
});

describe('parseDestination', () => {
  it.each([
    ['tel:+16175550123', {}],
    ['TEL:6175550123', {}],
    ['6175550123;ani=6175550100', { ani: '+16175550100' }],
    ['6175550123;postd=w1,2*#Dp', { postd: 'w1,2*#Dp' }],
    ['tel:617 555 0123 ; ani=(617) 555-0100 ; postd=12', { ani: '+16175550100', postd: '12' }],
    ['6175550123;postd=12;ani=+442079460958', { ani: '+442079460958', postd: '12' }],
  ])('reads %s', (text, parameters) => {
    expect(parseDestination(text, 'US')).toEqual({ ok: true, destination: '+16175550123', ...parameters });
  });

  it.each([
    ['6175550123;ext=5', '"ext" is not a parameter of a destination; allowed are ani and postd'],
    ['6175550123;', '"" is not a parameter of a destination; allowed are ani and postd'],
    ['6175550123;6175550199', '"********99" is not a parameter of a destination; allowed are ani and postd'],
    ['6175550123;ani=6175550100;ani=6175550100', 'ani is given twice; once is allowed'],
    ['6175550123;postd=', 'postd is not 1 to 32 characters of 0-9, *, #, A-D, w, p and comma'],
    ['6175550123;postd=12x', 'postd is not 1 to 32 characters of 0-9, *, #, A-D, w, p and comma'],
    [`6175550123;postd=${'1'.repeat(33)}`, 'postd is not 1 to 32 characters of 0-9, *, #, A-D, w, p and comma'],
    [
      '6175550123;ani=911',
      'ani: the number ending in 11 is too short; write + and country code, or a national number of US',
    ],
    ['tel:', 'the number is empty; write + and country code, or a national number of US'],
    [
      'sip:6175550123@host',
      '"sip:********23@host" is not a phone number; write + and country code, or a national number of US',
    ],
  ])('refuses %s', (text, reason) => {
    expect(parseDestination(text, 'US')).toEqual({ ok: false, reason });
  });
});
