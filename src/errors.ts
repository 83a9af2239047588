/** Every error that outdial raises by itself: one class, told apart by `code`. */

/** Stable error codes with the HTTP status that suits them. Each has an anchor in docs/reference/errors.md. */
export const errorTable = {
  /** A campaign or call spec has wrong fields; `details` is a list of {@link Issue}. */
  INVALID_SPEC: 422,
  /** A list of calls can't be taken: wrong header, strict mode, too many or no calls. */
  INVALID_LIST: 422,
  /** An id has characters or a length that are not allowed. */
  INVALID_ID: 422,
  /** The id is in use by a campaign or call with another spec. */
  CONFLICT: 409,
  /** The id was used by a campaign or call that has ended. */
  ALREADY_ENDED: 409,
  /** What was asked can't take effect any more; the message says why. */
  REFUSED: 409,
  /** There is no such campaign or call. */
  NOT_FOUND: 404,
  /** What is sealed can't be opened: its key is missing, or it is damaged. */
  SEALED: 500,
  /** The store can't be read or written. */
  STORE: 500,
  /** Temporal can't be reached, or lacks what outdial needs. */
  TEMPORAL: 503,
} as const;
/** Code of an {@link OutdialError}. */
export type ErrorCode = keyof typeof errorTable;

/** One wrong field. */
export interface Issue {
  /** Path of the field, `redial.maxAttempts`. */
  readonly path: string;
  readonly message: string;
}

/** Base of all errors of this package. */
export class OutdialError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    /** What goes with the code, plain JSON. */
    readonly details?: unknown,
  ) {
    super(message);
    this.name = 'OutdialError';
  }

  /** HTTP status that suits the error. */
  get status(): number {
    return errorTable[this.code];
  }
}

/** An `INVALID_SPEC` error that lists every wrong field. */
export function invalidSpec(issues: readonly Issue[]): OutdialError {
  const lines = issues.map((issue) => `  ${issue.path || '(spec)'}: ${issue.message}`);
  return new OutdialError('INVALID_SPEC', `invalid spec:\n${lines.join('\n')}`, issues);
}

/** A `TEMPORAL` error: a host's object of an SDK package that is not the one outdial has loaded. */
export function otherCopy(what: string, sdkPackage: string): OutdialError {
  return new OutdialError(
    'TEMPORAL',
    `the ${what} is of another copy of ${sdkPackage} than outdial uses: \`npm ls ${sdkPackage}\` must show one version`,
  );
}
