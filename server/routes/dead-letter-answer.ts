import { z } from 'zod';
import type { ShownDeadLetter } from '../../src/store/dead-letters.ts';
import { instant } from './answers.ts';

export const deadLetterStateSchema = z.enum(['open', 'redriven', 'discarded']);
export const deadLetterKindSchema = z.enum(['delivery', 'trigger_run']);

/** A dead letter in an answer. */
export const deadLetterSchema = z
  .object({
    id: z.string(),
    kind: deadLetterKindSchema,
    subject_id: z.string().meta({ description: 'The delivery or trigger run' }),
    cycle: z.int(),
    workflow_id: z.string().meta({ description: 'The failed workflow in Temporal' }),
    event_id: z.string(),
    event_type: z.string(),
    endpoint_id: z.string().nullable(),
    endpoint_url: z.string().nullable().meta({ description: 'Null also when it was deleted' }),
    trigger: z.string().nullable(),
    reason: z.string(),
    died_at: instant,
    state: deadLetterStateSchema,
    settled_at: instant.nullable(),
    settled_by: z.string().nullable().meta({ description: 'A key, or `console`' }),
    settled_reason: z.string().nullable(),
  })
  .meta({ id: 'DeadLetter', description: 'A delivery or trigger run whose attempts are spent.' });

export function toDeadLetter(row: ShownDeadLetter): z.input<typeof deadLetterSchema> {
  return {
    id: row.id,
    kind: row.kind,
    subject_id: row.subject_id,
    cycle: row.cycle,
    workflow_id: row.id,
    event_id: row.event_id,
    event_type: row.event_type,
    endpoint_id: row.endpoint_id,
    endpoint_url: row.endpoint_url,
    trigger: row.trigger,
    reason: row.reason,
    died_at: row.died_at.toISOString(),
    state: row.state,
    settled_at: row.settled_at?.toISOString() ?? null,
    settled_by: row.settled_by,
    settled_reason: row.settled_reason,
  };
}
