import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
import { OutdialError } from '../errors';

/** Reads a YAML or JSON file; JSON is YAML. @throws OutdialError `INVALID_SPEC` with the line that is wrong */
export function readDocument(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new OutdialError('INVALID_SPEC', `${path} can't be read: ${(error as Error).message}`);
  }
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ message }) => `  ${message.trim()}`);
    throw new OutdialError('INVALID_SPEC', `${path} is neither YAML nor JSON:\n${problems.join('\n')}`);
  }
  return document.toJS();
}
