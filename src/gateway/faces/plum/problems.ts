/** What went wrong, in the words of the API that a request came through. */
import { type Issue, OutdialError } from '../../../errors';
import { GatewayError } from '../../errors';

/** The API's names of the engine's fields. */
export type FieldNames = Readonly<Record<string, string>>;

/** What a client is told. */
export interface Problem {
  /** HTTP's, where a face does not choose another. */
  readonly status: number;
  readonly message: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An error's message is told only where it is about the request; `names` maps an engine's field to the API's. */
export function problemOf(error: unknown, names: FieldNames): Problem {
  if (error instanceof GatewayError) return { status: error.status, message: error.message, headers: error.headers };
  if (error instanceof OutdialError && error.status < 500)
    return { status: statusOf(error), message: messageOf(error, names), headers: {} };
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  // Of Fastify and its plugins.
  if (statusCode < 500) return { status: statusCode === 406 ? 415 : statusCode, message, headers: {} };
  return { status: 500, message: 'the gateway cannot do this now; what was asked may still take effect', headers: {} };
}

/** The APIs know no 422. */
function statusOf({ status }: OutdialError): number {
  return status === 422 ? 400 : status;
}

function messageOf({ code, message, details }: OutdialError, names: FieldNames): string {
  if (code !== 'INVALID_SPEC' || !Array.isArray(details)) return message;
  const lines = (details as Issue[]).map((issue) => inWordsOf(issue, names));
  return [...new Set(lines)].join('; ');
}

function inWordsOf({ path, message: said }: Issue, names: FieldNames): string {
  const name = names[path] ?? path;
  // What other queues there are is not for clients.
  const message = said.replace(/; (known|those that do): .*/s, '');
  // Caller IDs stand in the number.
  if (path === 'ani') return `${name}: ani ${message}`;
  // The engine counts milliseconds.
  const inSeconds = message
    .replace(/(\d+)–(\d+)/, (_, low, high) => `${Number(low) / 1_000}–${Number(high) / 1_000} s`)
    .replace('startAt', names['startAt'] ?? 'startAt')
    .replace(/ \(is \d+\)$/, '');
  return `${name}: ${['redial.waitMs', 'startAt', 'expiresAt'].includes(path) ? inSeconds : message}`;
}

/** An engine's warning names the start as the API does. */
export function inWords(warnings: readonly string[], names: FieldNames): string[] {
  return warnings.map((warning) => warning.replace(/^startAt\b/, names['startAt'] ?? 'startAt'));
}
