/** How a sealed row is told from one in clear. */

/** A sealed row's `ani` is `sealed:<key>:<base64>`, where nobody else can write such a text: else it is E.164. */
export const sealedPrefix = 'sealed:';

/** Whether what a contact or record says of its callee is sealed. */
export function isSealed({ ani }: { readonly ani?: string }): boolean {
  return ani?.startsWith(sealedPrefix) ?? false;
}
