/** What makes two contacts the same call, and how a duplicate is marked. */
import type { Contact } from '../contract';

const prefix = 'duplicate of ';

/** Contacts of the same key are duplicates: same number, same digits after answer. */
export function contactKey(contact: Contact): string {
  return `${contact.destination};${contact.postd ?? ''}`;
}

/** Value of `Contact.rejected` for a duplicate. */
export function duplicateOf(callId: string): string {
  return prefix + callId;
}

/** Whether a contact is rejected as a duplicate, and not for a fault of its own. */
export function isDuplicate(contact: Contact): boolean {
  return contact.rejected?.startsWith(prefix) ?? false;
}
