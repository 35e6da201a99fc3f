import { z } from 'zod';
import { channelNames } from '../../src/domain/channel.ts';
import {
  endedStates,
  replayRate,
  replayRevisions,
  replaySpanMaxMs,
} from '../../src/domain/replay.ts';
import type { ReplayFilter } from '../../src/domain/replay.ts';
import { idSchema, moment } from './answers.ts';

const rateWords = `Must be ${replayRate.min} to ${replayRate.max}`;

/** Items per second, in a request. */
export const rateSchema = z
  .int('Must be a whole number')
  .min(replayRate.min, rateWords)
  .max(replayRate.max, rateWords);

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
    state: z.enum([...endedStates.inbound, ...endedStates.outbound]).optional(),
    source: z.enum(channelNames).optional().meta({ description: 'Inbound only: the channel' }),
    trigger_id: idSchema.optional().meta({ description: 'Inbound only' }),
    revision: z.enum(replayRevisions).default('as_then').meta({
      description: 'By which revision of their triggers runs are started again: inbound only',
    }),
    rate: rateSchema.default(replayRate.default).meta({ description: 'Items per second' }),
    dry_run: z.boolean().default(false),
    confirm: z.int().min(0).optional().meta({
      description: 'The `planned` of a dry run: needed above 1,000, and held to when given',
    }),
  })
  .check(({ value, issues }) => {
    for (const [field, message] of refusals(value)) {
      issues.push({ code: 'custom', input: value, path: [field], message });
    }
  });

export type ReplayRequest = z.output<typeof replayRequestSchema>;

type Fields = Pick<
  ReplayRequest,
  'from' | 'to' | 'direction' | 'state' | 'endpoint_id' | 'source' | 'trigger_id' | 'revision'
>;

/** What does not go together: the field and what to change. */
function refusals(value: Fields): [keyof Fields, string][] {
  const spanMs = Date.parse(value.to) - Date.parse(value.from);
  const states: readonly string[] = endedStates[value.direction];
  const isInbound = value.direction === 'inbound';
  const checks: [boolean, keyof Fields, string][] = [
    [spanMs <= 0, 'to', 'Must be after `from`'],
    [spanMs > replaySpanMaxMs, 'to', 'Must be at most 366 days after `from`'],
    [
      value.state !== undefined && !states.includes(value.state),
      'state',
      `Must be one of ${states.join(', ')}`,
    ],
    [
      isInbound && value.endpoint_id !== undefined,
      'endpoint_id',
      'Only outbound replays have endpoints',
    ],
    [!isInbound && value.source !== undefined, 'source', 'Only inbound replays have a source'],
    [
      !isInbound && value.trigger_id !== undefined,
      'trigger_id',
      'Only inbound replays have triggers',
    ],
    [
      !isInbound && value.revision === 'as_now',
      'revision',
      'Only inbound replays have triggers, and so revisions',
    ],
  ];
  return checks.flatMap(([isWrong, field, message]): [keyof Fields, string][] =>
    isWrong ? [[field, message]] : [],
  );
}

export function toFilter(body: ReplayRequest): ReplayFilter {
  return {
    direction: body.direction,
    from: new Date(body.from).toISOString(),
    to: new Date(body.to).toISOString(),
    eventTypes: body.event_types ?? null,
    endpointId: body.endpoint_id ?? null,
    state: body.state ?? null,
    source: body.source ?? null,
    triggerId: body.trigger_id ?? null,
    replayId: null,
  };
}
