/** The configuration file of the command: `outdial.yaml`, `.yml` or `.json`. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OutdialError } from '../errors';
import { parse } from '../spec/validate';
import { configSchema, type SecretField, secretFields, type Settings } from './config-schema';
import { readDocument } from './read-document';

/** Looked for in the working directory, in this order. */
export const configNames = ['outdial.yaml', 'outdial.yml', 'outdial.json'] as const;

/** A configuration, and the file it stands in; none where there is no file. */
export interface ConfigFile<N extends SecretField = never> {
  readonly file?: string;
  readonly settings: Settings<N>;
}

/**
 * Reads the file that is named, else the one in the working directory; without any, all is default.
 *
 * @param needed - fields with secrets in them; others are checked, and left out
 * @throws OutdialError `INVALID_SPEC` that lists every wrong field
 */
export function readConfigFile<N extends SecretField>(named: string | undefined, needed: readonly N[]): ConfigFile<N> {
  const file = named ?? configNames.find((name) => existsSync(name));
  if (file === undefined) return { settings: select(configSchema('.').parse({}), needed) };
  const { value, issues } = parse(configSchema(dirname(resolve(file)), needed), readDocument(file) ?? {});
  if (value) return { file, settings: select(value, needed) };
  const lines = issues.map(({ path, message }) => `  ${path || '(file)'}: ${message}`);
  throw new OutdialError('INVALID_SPEC', `${file} is wrong:\n${lines.join('\n')}`, issues);
}

/** For commands that do nothing without a file. */
export function noConfigFile(): OutdialError {
  const names = `${configNames.slice(0, -1).join(', ')} or ${configNames.at(-1)}`;
  return new OutdialError('INVALID_SPEC', `there is no ${names} here: write one, or name yours with --config`);
}

/** Without what was not resolved. */
function select<N extends SecretField>(settings: Settings<SecretField>, needed: readonly N[]): Settings<N> {
  const unread = new Set<string>(secretFields.filter((field) => !needed.some((name) => name === field)));
  return Object.fromEntries(Object.entries(settings).filter(([field]) => !unread.has(field))) as Settings<N>;
}
