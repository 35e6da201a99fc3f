import type { Command } from 'commander';
import { z } from 'zod';
import type { Api } from './cli-api.ts';
import { decisiveSchema, decisiveText } from './cli-decisive.ts';
import { withoutControls } from './runtime/text-table.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Add `explain` to the commands. */
export function addExplain(program: Command, api: Api): void {
  program
    .command('explain')
    .description('say what happened to an event, and why')
    .argument('<event>', 'its id, as evt_…')
    .action(async (id: string) => {
      const answer = await api('GET', `/v1/events/${encodeURIComponent(id)}/explain`);
      for (const line of linesOf(timelineSchema.parse(answer))) say(line);
    });
}

const runSchema = z.object({
  id: z.string(),
  state: z.string(),
  reason: z.string().nullable(),
  cycle: z.number(),
  emitted: z.array(z.object({ event_id: z.string(), type: z.string() })),
});

const deliverySchema = z.object({
  id: z.string(),
  event_id: z.string(),
  endpoint_id: z.string(),
  endpoint_url: z.string().nullable(),
  state: z.string(),
  last_reason: z.string().nullable(),
  next_attempt_at: z.string().nullable(),
  attempts: z.array(
    z.object({
      number: z.number(),
      cycle: z.number(),
      duration_ms: z.number(),
      status: z.number().nullable(),
      reason: z.string().nullable(),
    }),
  ),
});

const notSentToSchema = z.object({
  endpoints: z.array(
    z.object({
      endpoint_id: z.string(),
      endpoint_url: z.string(),
      why: z.string(),
      decisive: decisiveSchema.nullish(),
    }),
  ),
  is_cut: z.boolean(),
});

const timelineSchema = z.object({
  event: z.object({
    id: z.string(),
    direction: z.string(),
    source: z.string(),
    type: z.string(),
    received_at: z.string(),
    content_type: z.string().nullable(),
    body_bytes: z.number(),
    dedupe_id: z.string().nullable(),
  }),
  verification: z
    .object({ mode: z.string().nullable(), scheme: z.string().nullable(), note: z.string() })
    .nullable(),
  caused_by: z
    .union([z.object({ run_id: z.string(), trigger: z.string() }), z.literal('api')])
    .nullable(),
  triggers: z.array(
    z.object({
      trigger: z.string(),
      revision: z.number(),
      run_id: z.string().nullable(),
      why: z.string(),
      decisive: decisiveSchema.nullish(),
    }),
  ),
  runs: z.array(runSchema),
  deliveries: z.array(deliverySchema),
  not_sent_to: notSentToSchema.nullish(),
  is_cut: z.boolean(),
});

type Timeline = z.output<typeof timelineSchema>;

/** The chain from the request to the attempts, each step below what caused it. */
function linesOf(timeline: Timeline): string[] {
  const { event, triggers, deliveries, not_sent_to: notSentTo, is_cut: isCut } = timeline;
  const lines = [
    `${event.id} ${event.source} ${event.type}`,
    ...indented([
      ...requestOf(timeline),
      ...triggers.flatMap((judged) => triggerLines(judged, timeline)),
      ...deliveriesOf(event.id, deliveries),
      ...(notSentTo ? notSentLines(notSentTo) : []),
      ...(isCut ? ['There is more than is told here'] : []),
    ]),
  ];
  return lines.map(withoutControls);
}

function requestOf({ event, verification, caused_by: cause }: Timeline): string[] {
  const { received_at, body_bytes, content_type, dedupe_id } = event;
  const size = `${body_bytes} bytes of ${content_type ?? 'an unknown type'}`;
  const id = dedupe_id === null ? '' : `, delivery id ${dedupe_id}`;
  if (event.direction === 'inbound') {
    return [`request      ${received_at}, ${size}${id}`, `verification ${verified(verification)}`];
  }
  return [`emitted      ${received_at}, ${size}`, ...causeOf(cause)];
}

function verified(verification: Timeline['verification']): string {
  if (!verification) return 'unknown';
  const how = [verification.mode, verification.scheme].filter((word) => word !== null).join('/');
  return how === '' ? verification.note : `${how}. ${verification.note}`;
}

function causeOf(cause: Timeline['caused_by']): string[] {
  if (cause === null) return [];
  if (cause === 'api') return ['caused by    POST /v1/events'];
  return [`caused by    trigger ${cause.trigger}, run ${cause.run_id}`];
}

function triggerLines(judged: Timeline['triggers'][number], timeline: Timeline): string[] {
  const { trigger, revision, run_id: runId, why, decisive } = judged;
  const run = timeline.runs.find(({ id }) => id === runId);
  return [
    `trigger      ${trigger} (revision ${revision}): ${why}`,
    ...indented([
      ...(decisive ? [`because      ${decisiveText(decisive)}`] : []),
      ...(run ? runLines(run, timeline.deliveries) : []),
    ]),
  ];
}

function runLines(run: Timeline['runs'][number], deliveries: Timeline['deliveries']): string[] {
  const cycle = run.cycle === 1 ? '' : `, cycle ${run.cycle}`;
  return [
    `run          ${run.id} ${run.state}${cycle}${because(run.reason)}`,
    ...indented(
      run.emitted.flatMap(({ event_id: id, type }) => [
        `emitted      ${id} ${type}`,
        ...indented(deliveriesOf(id, deliveries)),
      ]),
    ),
  ];
}

function deliveriesOf(eventId: string, deliveries: Timeline['deliveries']): string[] {
  return deliveries
    .filter(({ event_id: id }) => id === eventId)
    .flatMap((delivery) => {
      const { id, state, endpoint_id, endpoint_url, next_attempt_at: next } = delivery;
      const to = endpoint_url ?? endpoint_id;
      return [
        `delivery     ${id} to ${to} ${state}${because(delivery.last_reason)}`,
        ...indented(delivery.attempts.map(attemptLine)),
        ...indented(next === null ? [] : [`next         ${next}`]),
      ];
    });
}

/** Why each other endpoint got nothing of it. */
function notSentLines({ endpoints, is_cut: isCut }: z.output<typeof notSentToSchema>): string[] {
  const lines = endpoints.flatMap(({ endpoint_id: id, endpoint_url: url, why, decisive }) => [
    `not sent to  ${url} (${id}): ${why}`,
    ...indented(decisive ? [`because      ${decisiveText(decisive)}`] : []),
  ]);
  return isCut ? [...lines, 'There are more endpoints that it was not sent to'] : lines;
}

function attemptLine(attempt: Timeline['deliveries'][number]['attempts'][number]): string {
  const { number, cycle, status, duration_ms: durationMs, reason } = attempt;
  const which = cycle === 1 ? `${number}` : `${number} of cycle ${cycle}`;
  return `attempt      ${which}: ${status ?? 'no answer'} in ${durationMs} ms${because(reason)}`;
}

function because(reason: string | null): string {
  return reason === null ? '' : `: ${reason}`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}
