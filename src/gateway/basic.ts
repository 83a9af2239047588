/** HTTP Basic (RFC 7617). */

/** Header of an answer 401. */
export const basicChallenge = { 'www-authenticate': 'Basic realm="outdial", charset="UTF-8"' };

/** User and password of the header `Authorization`; neither where it holds none. */
export function readBasic(header = ''): [user?: string, password?: string] {
  const [, encoded = ''] = /^Basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  return [user, password];
}
