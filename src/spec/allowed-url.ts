/** URLs at or under others. */
import { z } from 'zod';
import type { PciRules } from '../contract';

/** What URLs may lie under: an origin and a path. */
export const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL' })
  .regex(/^https?:\/\/[^/?#@]+(\/[^?#]*)?$/, 'must be a host and a path, without query or user');

/** What the URLs of PCI calls may lie under. */
export const allowedUrl = baseUrl.regex(/^https:/, 'must be https');

/** Whether a PCI call may name the URL: https, and at or under one that is allowed. */
export function allowsUrl({ allowedUrls }: PciRules, url: string): boolean {
  return url.startsWith('https://') && allowedUrls.some((allowed) => liesUnder(allowed, url));
}

/** Whether a URL has the origin of `base` and is at or under its path, without user or password. */
export function liesUnder(base: string, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, pathname, username, password } = new URL(url);
  if (username !== '' || password !== '') return false;
  const allowed = new URL(base);
  const folder = allowed.pathname.replace(/\/?$/, '/');
  return allowed.origin === origin && (pathname === allowed.pathname || pathname.startsWith(folder));
}
