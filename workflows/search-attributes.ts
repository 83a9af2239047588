/** Search attributes as the SDK types them. */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { SearchAttribute } from '../src/contract/names';

const campaignAttribute = defineSearchAttributeKey(SearchAttribute.CAMPAIGN, SearchAttributeType.KEYWORD);
const queueAttribute = defineSearchAttributeKey(SearchAttribute.QUEUE, SearchAttributeType.KEYWORD);
export const stateAttribute = defineSearchAttributeKey(SearchAttribute.STATE, SearchAttributeType.KEYWORD);

/** What every workflow of a campaign is found by. */
export function campaignAttributes(campaignId: string, queue: string): SearchAttributePair[] {
  return [{ key: campaignAttribute, value: campaignId }, ...callAttributes(queue)];
}

/** What a standalone call is found by. */
export function callAttributes(queue: string): SearchAttributePair[] {
  return [{ key: queueAttribute, value: queue }];
}
