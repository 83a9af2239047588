/** Schema of the configuration file. Paths are relative to the file's folder. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { readVariable } from '../config';
import { type CalleeTypeOptions, calleeTypeOptions } from '../callee-type';
import { bearerToken, codecSettings } from '../codec-server/settings';
import { KeyRing, type KeyRingOptions } from '../encryption/key-ring';
import { type Issue, OutdialError } from '../errors';
import { networkSchema } from '../results/networks';
import { gatewaySettings } from '../gateway/settings';
import { schemaPattern, schemaRule } from '../store/postgres/database';
import { deploymentSchema } from '../worker/deployment';
import { queuesOf, secretSchema, tracesSchema } from '../worker/queue-config';
import { trunkSettings } from './trunk-settings';

const name = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'a name is 1–100 of A–Z a–z 0–9 _ -');

/** Fields with secrets in them. */
export const secretFields = ['secrets', 'encryption', 'codecServer', 'store'] as const;
export type SecretField = (typeof secretFields)[number];

const databaseUrl = z.string().regex(/^postgres(ql)?:\/\//, 'must be the URL of a database: postgres://…');

/** A function of the user's own. */
export interface ModuleRef {
  readonly module: string;
  readonly export: string;
}

/** A service that is asked over HTTP. */
export interface ServiceRef {
  /** `startUrl`: the one that the call names. */
  readonly url: string;
  /** Name of the secret that signs requests. */
  readonly secret?: string;
  /** Private networks that it may be in, beside `resultNetworks`. */
  readonly networks: readonly string[];
}

/** A program that speaks: a text on its standard input becomes a WAV file on its standard output. */
export interface SpeechCommand {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Where it runs: the file's. */
  readonly folder: string;
}

const serviceUrl = z
  .string()
  .max(2_048)
  .refine(
    (text) => text === 'startUrl' || z.url({ protocol: /^https?$/ }).safeParse(text).success,
    'must be an http or https URL, or startUrl',
  );

/** The schema of a file in `folder`. Secrets of the fields in `needed` are resolved while it is read. */
export function configSchema(folder: string, needed: readonly SecretField[] = secretFields) {
  const secret = (field: SecretField, schema: z.ZodType<string>): z.ZodType<string> =>
    secretReference(folder, schema, needed.includes(field));
  const path = z
    .string()
    .min(1, 'must be a path')
    .transform((text) => resolve(folder, text));
  const module = z.strictObject({ module: path, export: z.string().min(1).default('default') });
  const service = z.strictObject({
    url: serviceUrl,
    secret: name.optional(),
    networks: z.array(networkSchema).default([]),
  });
  const speechCommand = z
    .strictObject({ command: z.array(z.string().min(1, 'must not be empty')).min(1, 'must name a program') })
    .transform(({ command }): SpeechCommand => ({ command, folder }));
  const trunk = trunkSettings(path, (schema) => secret('secrets', schema));
  const fields = z.strictObject({
    /** The store's folder, shared by clients and workers. Absent: `OUTDIAL_DATA_DIR`, else the user's data folder. */
    dataDir: path.optional(),
    /** The store in PostgreSQL instead. */
    store: z
      .strictObject({
        postgres: secret('store', databaseUrl),
        schema: z.string().regex(schemaPattern, schemaRule).optional(),
      })
      .optional(),
    /** Where Temporal is. What is absent comes from Temporal's own environment variables and `temporal.toml`. */
    temporal: z
      .strictObject({
        address: z
          .string()
          .regex(/^[^\s/]+:\d{1,5}$/, 'must be host:port, localhost:7233')
          .optional(),
        namespace: z.string().min(1).optional(),
        /** Profile of `temporal.toml`, with TLS and API key. */
        profile: z.string().min(1).optional(),
      })
      .default({}),
    queues: queuesOf(trunk).default({}),
    applications: z.record(name, moduleOr('url', service, module)).default({}),
    beforeDial: module.optional(),
    /** Which version of the workflows the workers run. */
    deployment: deploymentSchema.optional(),
    /** Speaks what applications play as text, for all trunks whose sound passes through the worker. */
    speech: moduleOr('command', speechCommand, module).optional(),
    /** Numbers of callee-type detection in place of the defaults. */
    calleeType: z.record(z.string(), z.number()).superRefine(areOptions).transform(asOptions).default({}),
    secrets: z.record(name, secret('secrets', secretSchema)).default({}),
    /** Private networks that results may be posted to. */
    resultNetworks: z.array(networkSchema).default([]),
    /** Keys that call data is sealed with, the same for clients and workers. */
    encryption: z
      .strictObject({
        current: name,
        keys: z.record(name, secret('encryption', z.string())),
        seals: z.enum(['everything', 'pci']).default('everything'),
      })
      .superRefine(needed.includes('encryption') ? keysFit : () => undefined)
      .optional(),
    /** Prometheus metrics of `worker` and `dev`, of Temporal's SDK and outdial. Absent: none. */
    metrics: z
      .strictObject({
        /** Scraped at `http://<listen>/metrics`, by anybody who reaches it. */
        listen: z
          .string()
          .regex(/^([\d.]+|\[[\da-fA-F:]+\]):\d{1,5}$/, 'must be an IP address and a port, 127.0.0.1:9464'),
      })
      .optional(),
    /** OpenTelemetry traces of `worker` and `dev`. Absent: none. */
    traces: tracesSchema.optional(),
    /** How services queue calls over HTTP. */
    gateway: gatewaySettings.prefault({}),
    /** By which Temporal's UI and CLI open what is sealed. */
    codecServer: codecSettings(secret('codecServer', bearerToken)).optional(),
  });
  return fields.superRefine(oneStore);
}

/** The store is in one place. */
function oneStore(
  given: { readonly dataDir?: string; readonly store?: unknown },
  context: z.core.$RefinementCtx,
): void {
  if (given.dataDir === undefined || given.store === undefined) return;
  const message = 'the store is in a folder (dataDir) or in PostgreSQL (store), not in both: leave one out';
  context.addIssue({ code: 'custom', path: ['store'], message, input: {} });
}

/** Told apart by a field, by hand: a union would not say which field is wrong. */
function moduleOr<T>(field: string, other: z.ZodType<T>, module: z.ZodType<ModuleRef>): z.ZodType<ModuleRef | T> {
  return z.unknown().transform((value, context): ModuleRef | T => {
    const isOther = typeof value === 'object' && value !== null && field in value;
    const { data, error } = (isOther ? other : module).safeParse(value, { reportInput: true });
    if (data) return data;
    for (const issue of error!.issues) context.issues.push({ ...issue, input: issue.input } as z.core.$ZodRawIssue);
    return z.NEVER;
  });
}

/** Detection knows its own options. */
function areOptions(given: Readonly<Record<string, number>>, context: z.core.$RefinementCtx): void {
  try {
    calleeTypeOptions(given);
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as Error).message });
  }
}

function asOptions(given: Readonly<Record<string, number>>): Partial<CalleeTypeOptions> {
  return given;
}

type AllSettings = z.output<ReturnType<typeof configSchema>>;

/** What the configuration file says, with defaults. Of fields with secrets it has those that were asked for, resolved. */
export type Settings<N extends SecretField = never> = Omit<AllSettings, Exclude<SecretField, N>>;

/**
 * `env:NAME` or `file:path`, so that no secret stands in a file that is shared. Becomes the secret where it is needed: not
 * every machine has all.
 */
function secretReference(folder: string, schema: z.ZodType<string>, isNeeded: boolean): z.ZodType<string> {
  return z.string().transform((reference, context) => {
    const { value, problem } = isNeeded ? resolveSecret(folder, reference, schema) : checkReference(reference);
    if (problem === undefined) return value!;
    // An object as its input keeps the secret out of the message.
    context.addIssue({ code: 'custom', message: problem, input: {} });
    return z.NEVER;
  });
}

/** A key ring knows what is wrong with its keys. */
function keysFit(options: KeyRingOptions, context: z.core.$RefinementCtx): void {
  try {
    new KeyRing(options);
  } catch (error) {
    if (!(error instanceof OutdialError)) throw error;
    for (const { path, message } of error.details as Issue[]) {
      const inner = path.split('.').slice(1);
      context.addIssue({ code: 'custom', path: inner, message, input: {} });
    }
  }
}

/** A secret, or what is wrong with it. */
interface Secret {
  readonly value?: string;
  readonly problem?: string;
}

const referencePattern = /^(env|file):(.+)$/;

/** A reference that is not needed stays one. */
function checkReference(reference: string): Secret {
  if (referencePattern.test(reference)) return { value: reference };
  return { problem: 'must be env:NAME or file:path, never the secret itself' };
}

function resolveSecret(folder: string, reference: string, schema: z.ZodType<string>): Secret {
  const { problem } = checkReference(reference);
  const secret = problem === undefined ? readSecret(folder, reference) : { problem };
  if (secret.value === undefined) return secret;
  const { error } = schema.safeParse(secret.value);
  return error ? { problem: error.issues[0]!.message } : secret;
}

function readSecret(folder: string, reference: string): Secret {
  const [, kind, where] = referencePattern.exec(reference)!;
  if (kind === 'env') {
    const value = readVariable(where!);
    return value === undefined ? { problem: `environment variable ${where} is not set` } : { value };
  }
  try {
    return { value: readFileSync(resolve(folder, where!), 'utf8').trim() };
  } catch (error) {
    return { problem: `${where} can't be read: ${(error as Error).message}` };
  }
}
