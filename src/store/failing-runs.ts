import { failingAfter, failingAgainAfter, stageOf } from '../domain/endpoint-health.ts';
import type { FailingEndpointRow } from './endpoint-health-tables.ts';

/** What an attempt says of the endpoint that it was made to. */
export interface EndpointOutcome {
  readonly endpointId: string;
  readonly tenantId: string;
  readonly deliveryId: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly status: number | null;
  /** Why it failed; null = it was delivered. */
  readonly reason: string | null;
  /** Whether an outage makes the endpoint's deliveries wait. */
  readonly parks: boolean;
}

/** A row as long as nothing of its drain, its outage or its recovery is known. */
const untouched = {
  stage: 0,
  told_stage: 0,
  outage_since: null,
  probes: 0,
  probe_at: null,
  probe_id: null,
  recovered_at: null,
  drained_to: null,
  drain_step: 1,
  drain_left: 0,
  drain_at: null,
} as const satisfies Partial<FailingEndpointRow>;

/** An endpoint's row after an attempt; null = it has none: it does not fail, and nothing is left to be done. */
export function afterOutcome(
  row: FailingEndpointRow | null,
  outcome: EndpointOutcome,
): FailingEndpointRow | null {
  return outcome.reason === null
    ? afterDelivered(row, outcome)
    : afterFailed(row, { ...outcome, reason: outcome.reason });
}

function afterDelivered(
  row: FailingEndpointRow | null,
  outcome: EndpointOutcome,
): FailingEndpointRow | null {
  if (!row) return null;
  const { stage, outage_since: outage, drained_to: drained } = row;
  if (stage === 0 && outage === null && drained === null) return null;
  return {
    ...heardOf(row, outcome),
    outage_since: null,
    probes: 0,
    probe_at: null,
    probe_id: null,
    recovered_at: row.recovered_at ?? outcome.endedAt,
    drained_to: outage === null ? drained : '', // From the oldest on.
  };
}

type Failure = EndpointOutcome & { readonly reason: string };

function afterFailed(row: FailingEndpointRow | null, outcome: Failure): FailingEndpointRow {
  const run = failed(row, outcome);
  if (!outcome.parks) return heardOf(run, outcome);
  if (run.outage_since !== null) return afterProbe(run, outcome);
  const most = run.drained_to === null ? failingAfter : failingAgainAfter;
  if (run.failures < most) return heardOf(run, outcome);
  const { probes, probe_at, probe_id, drained_to, drain_step, drain_left, drain_at } = untouched;
  const anew = { probes, probe_at, probe_id, drained_to, drain_step, drain_left, drain_at };
  return { ...run, ...anew, outage_since: outcome.endedAt };
}

/** One more in a row. One that had recovered is still the same failing endpoint until that is settled. */
function failed(row: FailingEndpointRow | null, outcome: Failure): FailingEndpointRow {
  const { endpointId, tenantId, startedAt, endedAt, status, reason } = outcome;
  const before = row ?? {
    ...untouched,
    endpoint_id: endpointId,
    tenant_id: tenantId,
    failing_since: startedAt,
    failures: 0,
  };
  const failures = before.recovered_at === null ? before.failures + 1 : 1;
  const lastingMs = endedAt.getTime() - before.failing_since.getTime();
  return {
    ...before,
    failures,
    last_failed_at: endedAt,
    last_status: status,
    last_reason: reason,
    stage: Math.max(before.stage, stageOf(failures, lastingMs)),
    recovered_at: null,
  };
}

function afterProbe(row: FailingEndpointRow, { deliveryId }: EndpointOutcome): FailingEndpointRow {
  if (row.probe_id !== deliveryId) return row;
  return { ...row, probes: row.probes + 1, probe_at: null, probe_id: null };
}

/** Of a step of the drain one less is waited for. */
function heardOf(row: FailingEndpointRow, { deliveryId }: EndpointOutcome): FailingEndpointRow {
  const { drained_to: drained, drain_left: left } = row;
  const isOfDrain = drained !== null && deliveryId <= drained;
  return isOfDrain ? { ...row, drain_left: Math.max(left - 1, 0) } : row;
}
