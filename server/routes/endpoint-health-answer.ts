import { z } from 'zod';
import type { FailingEndpointRow } from '../../src/store/endpoint-health-tables.ts';
import { instant } from './answers.ts';

export const stageSchema = z.int().min(0).max(3).meta({
  description:
    'How badly it fails: 0 = it does not, or hardly; from 1 on `endpoint.failing` was sent',
});

/** What the health of an endpoint says of the attempts that fail now. */
export const failingShape = {
  deadline_ms: z.int().meta({ description: 'How long the consumer has to answer' }),
  consecutive_failures: z.int().meta({ description: 'Since the last attempt that was delivered' }),
  stage: stageSchema,
  failing_since: instant.nullable(),
  outage: z
    .object({
      since: instant,
      probes: z.int().meta({ description: 'Deliveries that were let go alone, and failed' }),
      next_probe_at: instant.nullable(),
      parked: z.int().meta({ description: 'Deliveries that wait for its end' }),
    })
    .nullable()
    .meta({ description: 'While its deliveries wait because it does not answer' }),
  recovering: z.boolean().meta({ description: 'It answers, and gets what waited by and by' }),
};

/** How an endpoint fails, if it does, and what is known beside its row. */
export interface Failing {
  readonly row: FailingEndpointRow | undefined;
  readonly deadlineMs: number;
  /** Deliveries that an outage holds back. */
  readonly parked: number;
}

export function toFailing(
  { row, deadlineMs, parked }: Failing,
  countedFailures: number,
): z.input<z.ZodObject<typeof failingShape>> {
  const isFailing = row !== undefined && row.recovered_at === null;
  return {
    deadline_ms: deadlineMs,
    consecutive_failures: row ? (isFailing ? row.failures : 0) : countedFailures,
    stage: stageOf(row),
    failing_since: isFailing ? row.failing_since.toISOString() : null,
    outage: row ? toOutage(row, parked) : null,
    recovering: row !== undefined && row.outage_since === null && row.drained_to !== null,
  };
}

/** 0 once it has recovered, though it may still be getting what waited. */
export function stageOf(row: FailingEndpointRow | undefined): number {
  return row?.recovered_at === null ? row.stage : 0;
}

function toOutage(
  { outage_since: since, probes, probe_at: nextAt }: FailingEndpointRow,
  parked: number,
): z.input<typeof failingShape.outage> {
  if (since === null) return null;
  const next_probe_at = nextAt?.toISOString() ?? null;
  return { since: since.toISOString(), probes, next_probe_at, parked };
}
