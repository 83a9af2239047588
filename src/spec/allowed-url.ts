/** URLs that PCI calls may name. */
import type { PciRules } from '../contract';

/** Whether a PCI call may name the URL: https, of an allowed origin, at or under its path, and without user or password. */
export function allowsUrl({ allowedUrls }: PciRules, url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, origin, pathname, username, password } = new URL(url);
  if (protocol !== 'https:' || username !== '' || password !== '') return false;
  return allowedUrls.some((text) => {
    const allowed = new URL(text);
    const folder = allowed.pathname.replace(/\/?$/, '/');
    return allowed.origin === origin && (pathname === allowed.pathname || pathname.startsWith(folder));
  });
}
