/** What the DEV API answers: XML with the root `queuecall` or `queuecalls`. */
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';
import type { FastifyReply } from 'fastify';
import type { Fields } from '../plum/forms';
import { element, xmlRoot } from '../../../xml';

export type Root = 'queuecall' | 'queuecalls';

/** Fields that are echoed, in this order. Never `pin`. */
const echoed = [
  'login',
  'campaign_name',
  'phone_number',
  'start_url',
  'result_url',
  'message_reference',
  'call_parameters',
  'campaign_parameters',
  'max_retry',
  'max_retries',
  'retry_interval',
  'scheduled_timestamp',
  'scheduled_time',
  'expiration_timestamp',
  'expiration_time',
  'is_pci',
];

/** What was queued: a root with the attributes, the submitted fields below it, and what `more` adds. */
export function queued(
  root: Root,
  attributes: Readonly<Record<string, string | number>>,
  { fields, warnings }: { readonly fields: Fields; readonly warnings: readonly string[] },
  more: (root: XMLBuilder) => void = () => undefined,
): string {
  const document = xmlRoot(root, { status: 'queued', ...attributes });
  for (const name of echoed) {
    const value = fields[name];
    if (value !== undefined) element(document, name, value);
  }
  more(document);
  for (const warning of warnings) element(document, 'warning', warning);
  return document.end();
}

/** Nothing was queued. */
export function failed(root: Root, message: string): string {
  const document = xmlRoot(root, { status: 'failed' });
  element(document, 'message', message);
  return document.end();
}

export function send(reply: FastifyReply, xml: string): FastifyReply {
  return reply.type('text/xml; charset=utf-8').send(xml);
}
