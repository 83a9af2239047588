/** The configuration file of the command: `outdial.yaml`, `.yml` or `.json`. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OutdialError } from '../errors';
import { parse } from '../spec/validate';
import { configSchema, type Settings } from './config-schema';
import { readDocument } from './read-document';

/** Looked for in the working directory, in this order. */
export const configNames = ['outdial.yaml', 'outdial.yml', 'outdial.json'] as const;

/** A configuration, and the file it stands in; none where there is no file. */
export interface ConfigFile {
  readonly file?: string;
  readonly settings: Settings;
}

/**
 * Reads the file that is named, else the one in the working directory; without any, all is default.
 *
 * @throws OutdialError `INVALID_SPEC` that lists every wrong field
 */
export function readConfigFile(named?: string): ConfigFile {
  const file = named ?? configNames.find((name) => existsSync(name));
  if (file === undefined) return { settings: configSchema('.').parse({}) };
  const { value, issues } = parse(configSchema(dirname(resolve(file))), readDocument(file) ?? {});
  if (value) return { file, settings: value };
  const lines = issues.map(({ path, message }) => `  ${path || '(file)'}: ${message}`);
  throw new OutdialError('INVALID_SPEC', `${file} is wrong:\n${lines.join('\n')}`, issues);
}
