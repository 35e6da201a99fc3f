import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

/** What Temporal's lists can be filtered by. Ids and types only: no personal data, no secret. */
export const searchAttributes = {
  tenant: defineSearchAttributeKey('DurahookTenant', SearchAttributeType.KEYWORD),
  event: defineSearchAttributeKey('DurahookEvent', SearchAttributeType.KEYWORD),
  eventType: defineSearchAttributeKey('DurahookEventType', SearchAttributeType.KEYWORD),
  endpoint: defineSearchAttributeKey('DurahookEndpoint', SearchAttributeType.KEYWORD),
  trigger: defineSearchAttributeKey('DurahookTrigger', SearchAttributeType.KEYWORD),
  replay: defineSearchAttributeKey('DurahookReplay', SearchAttributeType.KEYWORD),
  reason: defineSearchAttributeKey('DurahookReason', SearchAttributeType.KEYWORD),
  attempt: defineSearchAttributeKey('DurahookAttempt', SearchAttributeType.INT),
} as const;

/** Name and type of each, as `temporal server start-dev --search-attribute` takes them. */
export function searchAttributeTypes(): readonly { name: string; type: 'Keyword' | 'Int' }[] {
  return Object.values(searchAttributes).map(({ name, type }) => ({
    name,
    type: type === SearchAttributeType.INT ? 'Int' : 'Keyword',
  }));
}
