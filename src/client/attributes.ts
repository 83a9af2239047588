/** Search attributes of what a client starts. */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { SearchAttribute } from '../contract';

function keyword(name: string, value: string): SearchAttributePair {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value };
}

export function campaignStartAttributes(campaignId: string, queue: string): SearchAttributePair[] {
  return [keyword(SearchAttribute.CAMPAIGN, campaignId), ...callAttributes(queue)];
}

export function callAttributes(queue: string): SearchAttributePair[] {
  return [keyword(SearchAttribute.QUEUE, queue)];
}
