/** What the Fuse API answers: JSON, or XML under `result` with list members named `item`. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';
import { addText, xmlRoot } from '../../../xml';

/** What can be said in both. */
export type Content = string | number | boolean | undefined | readonly Content[] | { readonly [name: string]: Content };

/** Writes an answer in the form that the client accepts. */
export function send(request: FastifyRequest, reply: FastifyReply, content: object): FastifyReply {
  if (!wantsXml(request.headers.accept)) return reply.send(content);
  const root = xmlRoot('result');
  append(root, content as Content);
  return reply.type('application/xml; charset=utf-8').send(root.end());
}

/** `application/json` or `application/xml`, the one preferred more, or named first; JSON for anything else. */
function wantsXml(accept = ''): boolean {
  const ranges = accept.split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    return { type, quality: Number(quality) || 0 };
  });
  const known = ranges.filter(({ type, quality }) => /^application\/(json|xml)$/.test(type) && quality > 0);
  return known.sort((a, b) => b.quality - a.quality)[0]?.type === 'application/xml';
}

function append(parent: XMLBuilder, content: Content): void {
  if (Array.isArray(content)) (content as Content[]).forEach((item) => append(parent.ele('item'), item));
  else if (typeof content === 'object')
    Object.entries(content).forEach(([name, value]) => append(parent.ele(name), value));
  else addText(parent, String(content ?? ''));
}
