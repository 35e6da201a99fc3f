import { z } from 'zod';
import { Problem, problems } from '../../src/domain/problem.ts';
import { batchMax, publishedMax } from '../../src/domain/published-event.ts';
import { toProblem } from '../problem.ts';
import { invalid, itemsOf, route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { admit, deliveryCounts, newEventSchema, publishOf } from './event-publishing.ts';
import type { NewEvent, PublishingParts } from './event-publishing.ts';

/** Of the whole request in bytes: 500 events of 10 KiB. */
const bodyMax = 5_242_880;

const requestSchema = z.strictObject({
  events: z
    .array(z.unknown())
    .min(1)
    .max(batchMax)
    .meta({ description: 'As `NewEvent`. Each is checked and published on its own' }),
});

const problemSchema = z.object({
  code: z.string(),
  title: z.string(),
  detail: z.string(),
  errors: z
    .array(z.object({ pointer: z.string(), detail: z.string() }))
    .meta({ description: 'Pointers into the event' }),
  retry_after_s: z.int().optional(),
});

const outcomeSchema = z
  .object({
    index: z.int(),
    status: z.enum(['accepted', 'duplicate', 'rejected']),
    id: z.string().optional().meta({ description: 'Of a duplicate: the first one’s' }),
    deliveries: deliveryCounts.deliveries.optional(),
    skipped: deliveryCounts.skipped.optional(),
    problem: problemSchema.optional().meta({ description: 'Why it is rejected' }),
  })
  .meta({ id: 'BatchOutcome' });

type Outcome = z.input<typeof outcomeSchema>;

/** One event of a batch: checked, or what is wrong with it. */
type Item = { readonly event: NewEvent } | { readonly problem: Problem };

export function eventBatchRoutes(parts: PublishingParts): MountableRoute[] {
  return [
    route({
      method: 'post',
      path: '/v1/events/batch',
      summary: 'Publish up to 500 events, each with an outcome of its own',
      body: requestSchema,
      bodyMax,
      answer: z.object({ data: z.array(outcomeSchema) }),
      handle: async (call) => ({ data: await publishAll(parts, call, call.body.events) }),
    }),
  ];
}

/** All at once: they share transactions with each other, and a failing one fails alone. */
async function publishAll(
  parts: PublishingParts,
  call: Call<unknown, unknown>,
  sent: readonly unknown[],
): Promise<Outcome[]> {
  const items = sent.map(toItem);
  const events = items.flatMap((item) => ('event' in item ? [item.event] : []));
  const refused = await admit(parts, call.tenantId, events);
  const settled = await Promise.all(
    items.map(async (item, index): Promise<Outcome | Problem> => {
      if ('problem' in item) return item.problem;
      const problem = refused.get(item.event);
      if (problem) return problem;
      // A place in the batch is the same in each try of the request.
      const claimId = call.claimId === null ? null : `${call.claimId}/${index}`;
      try {
        return toOutcome(index, await publishOf(parts, { ...call, claimId }, item.event));
      } catch (error) {
        return toProblem(error, parts.log);
      }
    }),
  );
  const passing = findPassing(settled);
  if (passing) throw passing;
  return settled.map((each, index) => (each instanceof Problem ? toRejected(index, each) : each));
}

/**
 * Why a batch is to be sent again as a whole: nothing of it was published, and something may be
 * later. Said of each event it would be the answer of the request, and be kept under its key.
 *
 * A fault of ours comes first: it may have had an effect, so the key must stay this request's.
 */
function findPassing(settled: readonly (Outcome | Problem)[]): Problem | undefined {
  const refusals = settled.filter((each) => each instanceof Problem);
  if (refusals.length < settled.length) return undefined;
  return (
    refusals.find(({ code }) => problems[code].status >= 500) ??
    refusals.find(({ code }) => code === 'too-many-requests')
  );
}

function toItem(sent: unknown): Item {
  const parsed = newEventSchema.safeParse(sent);
  if (!parsed.success) return { problem: invalid(itemsOf(parsed.error)) };
  const sizeBytes = Buffer.byteLength(JSON.stringify(parsed.data));
  if (sizeBytes <= publishedMax) return { event: parsed.data };
  const detail = `The event is larger than ${publishedMax} bytes`;
  return { problem: new Problem('body-too-large', detail) };
}

function toOutcome(
  index: number,
  { eventId: id, ...published }: Awaited<ReturnType<PublishingParts['publish']>>,
): Outcome {
  return { index, id, ...published };
}

function toRejected(
  index: number,
  { code, message: detail, errors, retryAfterS }: Problem,
): Outcome {
  const { title } = problems[code];
  const wait = retryAfterS === undefined ? {} : { retry_after_s: retryAfterS };
  const problem = { code, title, detail, errors: [...errors], ...wait };
  return { index, status: 'rejected', problem };
}
