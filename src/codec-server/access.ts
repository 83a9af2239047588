/** Who may ask a codec server. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Algorithm, decode, type JwtPayload, verify } from 'jsonwebtoken';
import { asksWho, type CodecSettings } from './settings';
import { JsonWebKeys } from './json-web-keys';

/** Signatures with a public key only: with HMAC, whoever knows the public key could sign. */
const algorithms: Algorithm[] = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
/** Clocks differ. */
const toleranceSeconds = 30;

/** Why a request is refused, in words that show nothing of keys, tokens or payloads. */
export class Refusal extends Error {
  constructor(
    /** HTTP's. */
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class Access {
  private readonly origins: ReadonlySet<string>;
  private readonly tokens: readonly { readonly name: string; readonly hash: Buffer }[];
  private readonly asksWho: boolean;
  private readonly keys: JsonWebKeys | undefined;

  constructor(private readonly settings: CodecSettings) {
    this.origins = new Set(settings.origins);
    this.tokens = Object.entries(settings.tokens).map(([name, token]) => ({ name, hash: sha256(token) }));
    this.asksWho = asksWho(settings);
    this.keys = settings.jwt && new JsonWebKeys(settings.jwt.jwksUrl);
  }

  /**
   * Whether the request is of a page that may read the answer; the CLI is none. Where nobody is asked who they are, any
   * page that a browser on this machine shows could ask: then only pages may that are listed.
   *
   * @throws Refusal 403
   */
  checkOrigin(origin: string | undefined): boolean {
    if (origin !== undefined && this.origins.has(origin)) return true;
    if (origin === undefined && this.asksWho) return false;
    const lacking = origin === undefined ? 'no Origin header: without codecServer.tokens or jwt only' : 'only';
    throw new Refusal(403, 'FORBIDDEN', `${lacking} pages of codecServer.origins may ask`);
  }

  /**
   * Name of the token, or the entry of `subjects`; undefined where nobody is asked.
   *
   * @throws Refusal 401, 403 for whoever is known and not allowed, 503 when the issuer's keys can't be had
   */
  async identify(authorization: string | undefined): Promise<string | undefined> {
    if (!this.asksWho) return undefined;
    const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    const who = bearer === undefined ? undefined : (this.nameOf(bearer) ?? (await this.subjectOf(bearer)));
    if (who === undefined) throw new Refusal(401, 'UNAUTHORIZED', 'a valid Authorization: Bearer … is needed');
    return who;
  }

  /** Compares with every token, and hashes of one length: the time it takes tells nothing of any. */
  private nameOf(bearer: string): string | undefined {
    const hash = sha256(bearer);
    return this.tokens.filter((token) => timingSafeEqual(token.hash, hash))[0]?.name;
  }

  private async subjectOf(bearer: string): Promise<string | undefined> {
    const { jwt } = this.settings;
    const claims = jwt && (await this.claimsOf(bearer, jwt));
    if (!claims) return undefined;
    const email: unknown = claims['email_verified'] === true ? claims['email'] : undefined;
    const subject = jwt.subjects.find((known) => known === claims.sub || known === email);
    if (subject !== undefined) return subject;
    throw new Refusal(403, 'FORBIDDEN', 'whom the token names is not among codecServer.jwt.subjects');
  }

  /** undefined unless the token is the issuer's, for this audience and not expired. */
  private async claimsOf(
    token: string,
    { issuer, audience }: NonNullable<CodecSettings['jwt']>,
  ): Promise<JwtPayload | undefined> {
    const key = await this.keyOf(token);
    if (!key) return undefined;
    try {
      const claims = verify(token, key, { algorithms, issuer, audience, clockTolerance: toleranceSeconds });
      return typeof claims === 'object' && claims.exp !== undefined ? claims : undefined;
    } catch {
      return undefined;
    }
  }

  private async keyOf(token: string): ReturnType<JsonWebKeys['key']> {
    const id = keyIdOf(token);
    try {
      return id === undefined ? undefined : await this.keys?.key(id);
    } catch {
      throw new Refusal(503, 'UNAVAILABLE', 'codecServer.jwt.jwksUrl does not answer with keys');
    }
  }
}

function keyIdOf(token: string): string | undefined {
  try {
    return decode(token, { complete: true })?.header.kid;
  } catch {
    return undefined;
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
