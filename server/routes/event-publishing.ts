import type { Logger } from 'pino';
import { z } from 'zod';
import { checkEventData } from '../../src/domain/catalog.ts';
import { isOperationalType } from '../../src/domain/operational-events.ts';
import { passingProblem, Problem } from '../../src/domain/problem.ts';
import { ownEventIdPattern } from '../../src/domain/published-event.ts';
import type { Publish, Published } from '../../src/runtime/publish.ts';
import type { Quotas } from '../../src/runtime/quotas.ts';
import type { Call } from '../route.ts';

/** What publishing through the API is made of. */
export interface PublishingParts {
  readonly log: Logger;
  readonly publish: Publish;
  readonly quotas: Quotas;
}

export const newEventSchema = z
  .strictObject({
    type: z.string().min(1).max(200),
    data: z.unknown(),
    event_id: z
      .string()
      .regex(ownEventIdPattern, 'Must be 1 to 200 printable characters')
      .optional()
      .meta({ description: 'Your own: published twice under one id, it is one event' }),
  })
  .meta({ id: 'NewEvent' });

/** What is told of the deliveries of a published event. */
export const deliveryCounts = {
  deliveries: z.int().meta({
    description:
      'To how many endpoints it is sent, to a paused one when it is resumed; of a duplicate none',
  }),
  skipped: z.int().meta({
    description:
      'How many endpoints asked for its type and do not get it, which is recorded: they are disabled, or their filter has no value; of a duplicate none',
  }),
};

export type NewEvent = z.output<typeof newEventSchema>;

type Caller = Pick<Call<unknown, unknown>, 'tenantId' | 'traceparent' | 'claimId'>;

/**
 * Of some events those that are within the tenant's quota, the first ones; what does not fit the
 * catalog is not counted, and is refused when it is published.
 *
 * @returns those over the quota, and why
 */
export async function admit(
  { quotas }: PublishingParts,
  tenantId: string,
  events: readonly NewEvent[],
): Promise<ReadonlyMap<NewEvent, Problem>> {
  const limit = await quotas.findLimit(tenantId);
  if (limit === null) return new Map();
  const counted = events.filter(({ type, data }) => checkEventData(type, data).isValid);
  if (counted.length === 0) return new Map();
  const { count, retryAfterS } = await quotas.take(tenantId, counted.length, limit);
  const problem = passingProblem(
    'too-many-requests',
    `The quota of ${limit} events per minute is used up: it is free again in ${retryAfterS} s`,
    retryAfterS,
  );
  return new Map(counted.slice(count).map((event) => [event, problem]));
}

/** Publish an event of a request: under its own id, else under the request's key if that has one. */
export async function publishOf(
  { publish }: PublishingParts,
  { tenantId, traceparent, claimId }: Caller,
  { type, data, event_id: ownId }: NewEvent,
): Promise<Published> {
  if (isOperationalType(type)) {
    const detail = `"${type}" is the platform's own word of its work: nobody else publishes it`;
    throw new Problem('unknown-event-type', detail, [{ pointer: '/type', detail }]);
  }
  const event = { tenantId, type, data, traceparent };
  if (ownId !== undefined) return publish({ ...event, key: ownId, keySpace: 'own' });
  if (claimId !== null) return publish({ ...event, key: claimId, keySpace: 'key' });
  return publish(event);
}
