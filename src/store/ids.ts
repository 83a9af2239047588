/** Ids that every store keeps to. */
import { OutdialError } from '../errors';

/**
 * A campaign's id, checked: it names folders, rows and workflows.
 *
 * @throws OutdialError `INVALID_ID` unless it is 1–100 of `A–Z a–z 0–9 _ -`.
 */
export function checkedCampaignId(campaignId: string): string {
  if (/^[A-Za-z0-9_-]{1,100}$/.test(campaignId)) return campaignId;
  throw new OutdialError('INVALID_ID', 'a campaign id must be 1–100 of A–Z a–z 0–9 _ -');
}

/** A list that cannot be read. */
export function noList(): OutdialError {
  return new OutdialError('NOT_FOUND', 'there is no such list, or it is not finished');
}

/** A list that cannot be written any more. */
export function listClosed(): OutdialError {
  return new OutdialError('STORE', 'the list is finished, given up, or could not be written');
}

/** A list that is there to stay. */
export function listAdmitted(campaignId: string, list: number): OutdialError {
  return new OutdialError('REFUSED', `list ${list} is part of campaign ${campaignId}, and cannot be discarded`);
}
