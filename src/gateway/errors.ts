/** What a gateway refuses by itself; each face writes it in its own way. */

/** Codes with their HTTP statuses, beside those of {@link OutdialError}. */
export const gatewayErrorTable = {
  BAD_REQUEST: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  TOO_MANY_CALLS: 429,
  TOO_MANY_UPLOADS: 429,
  TOO_MANY_STREAMS: 429,
  /** A fault of the gateway's own; what it was is in the log. */
  INTERNAL: 500,
} as const;
export type GatewayErrorCode = keyof typeof gatewayErrorTable;

export class GatewayError extends Error {
  constructor(
    readonly code: GatewayErrorCode,
    message: string,
    /** Of the answer: `retry-after`. */
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'GatewayError';
  }

  /** HTTP's. */
  get status(): number {
    return gatewayErrorTable[this.code];
  }
}
