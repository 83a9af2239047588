/** XML documents. What XML 1.0 can't hold, control characters for one, becomes U+FFFD. */
import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** A new document's root. */
export function xmlRoot(name: string, attributes: Attributes = {}): XMLBuilder {
  return create({ version: '1.0', invalidCharReplacement: '\uFFFD' }).ele(name, exactly(attributes));
}

/** Adds an element. */
export function element(parent: XMLBuilder, name: string, text = '', attributes: Attributes = {}): void {
  addText(parent.ele(name, exactly(attributes)), text);
}

export function addText(parent: XMLBuilder, text: string): void {
  if (text !== '') parent.txt(exact(text));
}

function exactly(attributes: Attributes): Record<string, string> {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, exact(String(value))]));
}

/** xmlbuilder2 takes `&copy;` for a reference that was meant, and leaves it; an entity that nobody declared breaks the document. */
function exact(text: string): string {
  return text.replaceAll('&', '&amp;');
}
