import { z } from 'zod';
import { channelNames } from '../../src/domain/channel.ts';
import {
  endedStates,
  replayIds,
  replayRate,
  replayRevisions,
  replaySpanMaxMs,
  stateGroups,
  statusClasses,
} from '../../src/domain/replay.ts';
import type { ReplayFilter } from '../../src/domain/replay.ts';
import { ExpressionError } from '../../src/runtime/expression.ts';
import { compileReplayFilter } from '../../src/runtime/replay-judgement.ts';
import { idSchema, moment } from './answers.ts';
import { previewFields } from './replay-preview.ts';

const rateWords = `Must be ${replayRate.min} to ${replayRate.max}`;

/** Items per second, in a request. */
export const rateSchema = z
  .int('Must be a whole number')
  .min(replayRate.min, rateWords)
  .max(replayRate.max, rateWords);

const targetSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('original') }),
  z.strictObject({
    kind: z.literal('endpoint'),
    endpoint_id: idSchema,
    ignore_subscription: z.boolean().default(false).meta({
      description: 'Also events that the endpoint has not asked for',
    }),
  }),
]);

export const replayRequestSchema = z
  .strictObject({
    from: moment,
    to: moment,
    direction: z.enum(['inbound', 'outbound']),
    event_types: z
      .array(z.string().regex(/^[\w.:*-]{1,200}$/, 'Must be an event type, `session.*` or `*`'))
      .min(1)
      .max(100)
      .optional(),
    endpoint_id: idSchema.optional().meta({ description: 'Outbound only' }),
    state: z
      .enum(['all', ...stateGroups, ...endedStates.inbound, ...endedStates.outbound])
      .optional(),
    status_class: z.enum(statusClasses).optional().meta({
      description: 'Outbound only: how the last attempt was answered; `none` = not at all',
    }),
    filter: z.string().optional().meta({
      description: 'A CEL expression over the event that must be true',
    }),
    source: z.enum(channelNames).optional().meta({ description: 'Inbound only: the channel' }),
    trigger_id: idSchema.optional().meta({ description: 'Inbound only' }),
    target: targetSchema.default({ kind: 'original' }).meta({
      description: 'Where it is sent; `endpoint`, outbound only: each event to that one',
    }),
    ids: z.enum(replayIds).optional().meta({
      description: 'Outbound only: the next cycle of each delivery (`keep`), or new deliveries',
    }),
    revision: z.enum(replayRevisions).default('as_then').meta({
      description: 'By which revision of their triggers runs are started again: inbound only',
    }),
    rate: rateSchema.default(replayRate.default).meta({ description: 'Items per second' }),
    ...previewFields,
  })
  .check(({ value, issues }) => {
    for (const [field, message] of refusals(value)) {
      issues.push({ code: 'custom', input: value, path: [field], message });
    }
  });

export type ReplayRequest = z.output<typeof replayRequestSchema>;

type Refusal = readonly [field: keyof ReplayRequest, message: string];

/** What does not go together: the field and what to change. */
function refusals(value: ReplayRequest): Refusal[] {
  const own = value.direction === 'inbound' ? refusalsOfInbound(value) : refusalsOfOutbound(value);
  const fault = value.filter === undefined ? undefined : faultOf(value.filter, value.direction);
  return [
    ...refusalsOfFrame(value),
    ...refusalsOfState(value),
    ...own,
    ...(fault === undefined ? [] : [['filter', fault] as const]),
  ];
}

function refusalsOfFrame({ from, to }: ReplayRequest): Refusal[] {
  const spanMs = Date.parse(to) - Date.parse(from);
  if (spanMs <= 0) return [['to', 'Must be after `from`']];
  return spanMs > replaySpanMaxMs ? [['to', 'Must be at most 366 days after `from`']] : [];
}

function refusalsOfState({ state = 'all', direction }: ReplayRequest): Refusal[] {
  const known: readonly string[] = ['all', ...stateGroups, ...endedStates[direction]];
  if (known.includes(state)) return [];
  return [['state', `Must be one of ${[...new Set(known)].join(', ')}`]];
}

function refusalsOfInbound(value: ReplayRequest): Refusal[] {
  return [
    value.endpoint_id === undefined
      ? []
      : [['endpoint_id', 'Only outbound replays have endpoints'] as const],
    value.status_class === undefined
      ? []
      : [['status_class', 'Only deliveries are answered with a status'] as const],
    value.target.kind === 'original'
      ? []
      : [['target', 'Trigger runs can only be started again where they ran'] as const],
    value.ids === undefined ? [] : [['ids', 'Trigger runs always keep their ids'] as const],
  ].flat();
}

function refusalsOfOutbound(value: ReplayRequest): Refusal[] {
  return [
    value.source === undefined ? [] : [['source', 'Only inbound replays have a source'] as const],
    value.trigger_id === undefined
      ? []
      : [['trigger_id', 'Only inbound replays have triggers'] as const],
    value.revision === 'as_then'
      ? []
      : [['revision', 'Only inbound replays have triggers, and so revisions'] as const],
    value.target.kind === 'endpoint' && value.ids === 'keep'
      ? [['ids', 'What goes to another endpoint has a new id'] as const]
      : [],
  ].flat();
}

/** What is wrong with an expression, and where; undefined when it is a condition. */
export function faultOf(source: string, direction: ReplayFilter['direction']): string | undefined {
  try {
    compileReplayFilter(source, direction);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return `${error.message} (at character ${error.offset + 1})`;
  }
}

/** The filter of a request; what its endpoint asks for is not in it yet. */
export function toFilter(body: ReplayRequest): ReplayFilter {
  return {
    direction: body.direction,
    from: new Date(body.from).toISOString(),
    to: new Date(body.to).toISOString(),
    eventTypes: body.event_types ?? null,
    endpointId: body.endpoint_id ?? null,
    state: body.state === undefined || body.state === 'all' ? null : body.state,
    source: body.source ?? null,
    triggerId: body.trigger_id ?? null,
    replayId: null,
    retriedBy: [],
    statusClass: body.status_class ?? null,
    expression: body.filter ?? null,
    subscription: null,
  };
}
