/** The blocks of code in the documents. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root = join(__dirname, '../..');

export interface Block {
  readonly page: string;
  /** Of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  /** With its last line's end. */
  readonly text: string;
}

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** All pages whose code is tested; `docs/api` is generated. */
export function pages(): string[] {
  const guides = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.startsWith('api/'))
    .map((path) => `docs/${path}`);
  return ['README.md', 'examples/README.md', ...guides.sort()];
}

/** Fenced blocks in the page's order. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  let open: { readonly fence: string; readonly block: Block } | undefined;
  for (const [index, line] of read(page).split('\n').entries()) {
    const [, fence, language = ''] = /^ *(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open && line.trim() === open.fence) {
      blocks.push(open.block);
      open = undefined;
    } else if (open) {
      open = { ...open, block: { ...open.block, text: `${open.block.text}${line}\n` } };
    } else if (fence !== undefined) {
      open = { fence, block: { page, line: index + 1, language: language.trim(), text: '' } };
    }
  }
  if (open) throw new Error(`${page}:${open.block.line}: the block does not end`);
  return blocks;
}

/** The one block of a page in a language, or its `n`th, from 0. */
export function blockOf(page: string, language: string, n = 0): string {
  const found = blocksOf(page).filter((block) => block.language === language)[n];
  if (!found) throw new Error(`${page} has no block ${n} of ${language}`);
  return found.text;
}

/** The lines between `#region <name>` and `#endregion` of a file, without their common indentation. */
export function regionOf(path: string, name: string): string {
  const region = new RegExp(`^ *(?://|#) #region ${name}\\n([^]*?)^ *(?://|#) #endregion`, 'm').exec(read(path))?.[1];
  if (region === undefined) throw new Error(`${path} has no region ${name}`);
  const lines = region.split('\n');
  const indents = lines.filter((line) => line !== '').map((line) => line.search(/\S/));
  return lines.map((line) => line.slice(Math.min(...indents))).join('\n');
}

/** The commands of a shell block, without comments. */
export function commandsOf(block: string): string[] {
  return block
    .replaceAll(/\\\n\s*/g, '')
    .split(/\n|&&/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
}
