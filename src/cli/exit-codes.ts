/** What the command's exit code means, in one table. */
import { type ErrorCode, OutdialError } from '../errors';
import { commandName } from './command-name';

/** Exit codes. */
export const ExitCode = {
  OK: 0,
  /** What was asked for did not succeed. */
  FAILED: 1,
  /** Wrong options, or bad input or configuration. */
  USAGE: 2,
  NOT_FOUND: 3,
  /** Refused, or in conflict with what is there. */
  REFUSED: 4,
  /** Temporal can't be reached, or lacks what outdial needs. */
  UNREACHABLE: 5,
  INTERRUPTED: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const byErrorCode: Readonly<Record<ErrorCode, ExitCode>> = {
  INVALID_SPEC: ExitCode.USAGE,
  INVALID_LIST: ExitCode.USAGE,
  INVALID_ID: ExitCode.USAGE,
  CONFLICT: ExitCode.REFUSED,
  ALREADY_ENDED: ExitCode.REFUSED,
  REFUSED: ExitCode.REFUSED,
  NOT_FOUND: ExitCode.NOT_FOUND,
  SEALED: ExitCode.FAILED,
  STORE: ExitCode.FAILED,
  TEMPORAL: ExitCode.UNREACHABLE,
};

/** What to do where the error itself can't know. */
export const nextSteps: Partial<Readonly<Record<ErrorCode, string>>> = {
  NOT_FOUND: `\`${commandName} campaign list\` shows what Temporal knows; the store (dataDir, store) must be that of the workers.`,
  CONFLICT: 'Take another id with --id.',
  ALREADY_ENDED: 'Take another id with --id.',
};

/** The exit code of a command that failed so. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof OutdialError ? byErrorCode[error.code] : ExitCode.FAILED;
}
