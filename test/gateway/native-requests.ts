/** Requests to the native API, as the test's account `clinic` makes them. */
import { basic, clinic } from '../support/gateway';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON. */
  readonly json: any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

export interface Asked {
  readonly method?: string;
  readonly json?: unknown;
  readonly body?: RequestInit['body'];
  readonly headers?: Readonly<Record<string, string>>;
  readonly as?: { readonly login: string; readonly key: string };
}

export async function ask(url: string, { method, json, body, headers, as = clinic }: Asked = {}): Promise<Answer> {
  const answer = await fetch(url, {
    method: method ?? (json === undefined && body === undefined ? 'GET' : 'POST'),
    headers: {
      authorization: basic(as),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined ? { body: JSON.stringify(json) } : body !== undefined && { body, duplex: 'half' }),
  } as RequestInit);
  const text = await answer.text();
  const isJson = /^application\/(problem\+)?json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** A form with a spec and a file of calls, parts in this order. */
export function formOf(parts: readonly (readonly [name: string, value: string | Blob])[]): FormData {
  const form = new FormData();
  for (const [name, value] of parts) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, 'calls.csv');
  }
  return form;
}

export function csvOf(...lines: readonly string[]): Blob {
  return new Blob([`${lines.join('\n')}\n`], { type: 'text/csv' });
}
