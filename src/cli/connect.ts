/** Finds and reaches Temporal. */
import { Client, Connection, isGrpcServiceError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { OutdialError } from '../errors';
import { commandName } from './command-name';
import type { Settings } from './config-schema';

const connectLimitMs = 5_000;
export const defaultAddress = 'localhost:7233';

/** Where Temporal is and how to get in; fits a client's connection as well as a worker's. */
export interface TemporalTarget {
  readonly namespace: string;
  readonly connection: Pick<NativeConnectionOptions, 'tls' | 'apiKey' | 'metadata'> & { readonly address: string };
}

/**
 * The configuration file goes first, then Temporal's environment variables, then `temporal.toml`.
 *
 * @throws OutdialError `INVALID_SPEC` when `temporal.toml` or what it names can't be read
 */
export function temporalTarget({ temporal }: Settings): TemporalTarget {
  const { address, namespace, profile } = temporal;
  try {
    const known = loadClientConnectConfig({ ...(profile !== undefined && { profile }) });
    const { tls, apiKey, metadata, ...rest } = known.connectionOptions;
    return {
      namespace: namespace ?? (known.namespace || 'default'),
      connection: {
        address: address ?? (rest.address || defaultAddress),
        ...(tls !== undefined && { tls }),
        ...(apiKey !== undefined && { apiKey }),
        ...(metadata && { metadata }),
      },
    };
  } catch (error) {
    throw new OutdialError('INVALID_SPEC', `Temporal's configuration can't be read: ${(error as Error).message}`);
  }
}

/** @throws OutdialError `TEMPORAL` */
export async function connectClient({ connection: options, namespace }: TemporalTarget): Promise<Client> {
  try {
    const connection = await Connection.connect({ ...options, connectTimeout: connectLimitMs });
    return new Client({ connection, namespace });
  } catch (error) {
    throw unreachable(options.address, error);
  }
}

export function unreachable(address: string, error: unknown): OutdialError {
  return new OutdialError(
    'TEMPORAL',
    `no Temporal server answers at ${address}: ${detailsOf(error)}\n` +
      `Start one with \`${commandName} dev\`, or name yours: temporal.address in outdial.yaml, TEMPORAL_ADDRESS or temporal.toml.`,
  );
}

/** A failure of the connection after it stood, in the same words; other errors as they are. */
export function named(error: unknown): unknown {
  const cause = error instanceof Error && isGrpcServiceError(error.cause) ? error.cause : error;
  if (!isGrpcServiceError(cause)) return error;
  const advice = /no poller|worker/.test(cause.details) ? `; start one with \`${commandName} worker\`` : '';
  return new OutdialError('TEMPORAL', `Temporal answers: ${cause.details}${advice}`);
}

function detailsOf(error: unknown): string {
  if (isGrpcServiceError(error)) return error.details;
  const message = error instanceof Error ? error.message : String(error);
  // The native connection answers with a dump of its own error, in which the system's is to be found.
  return /message: "(.+?)"/.exec(message)?.[1] ?? message;
}
