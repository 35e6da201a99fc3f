import { isOperationalType } from '../../src/domain/operational-events.ts';
import type { TriggerScope } from '../../src/domain/trigger.ts';
import { endpointScopeOfRow } from '../../src/runtime/endpoint-expressions.ts';
import { judgeEndpoint, needsPayload } from '../../src/runtime/endpoint-judgement.ts';
import type { EventHead } from '../../src/store/events.ts';
import type { EventRow } from '../../src/store/tables.ts';
import type { UnsentEndpoint } from '../../src/store/timeline.ts';
import { makeJudgingBudget } from './judging-budget.ts';
import type { Timeline } from './timeline-answer.ts';

type NotSentTo = NonNullable<Timeline['not_sent_to']>;

/** More than a person looks through. */
export const endpointsMax = 100;

/**
 * Why endpoints have no delivery of an outbound event, judged again by their settings of today.
 *
 * @param known - one endpoint more than are told says that there are more; the event is read when
 *   something in it is to be looked at
 */
export async function judgeEndpoints(
  event: EventHead,
  known: {
    readonly endpoints: readonly UnsentEndpoint[];
    readonly readEvent: () => Promise<EventRow>;
  },
): Promise<NotSentTo> {
  const shown = known.endpoints.slice(0, endpointsMax);
  const isKept = event.payload_dropped_at === null;
  const isAsked = isKept && shown.some((endpoint) => needsPayload(endpoint, event.type));
  const whole = isAsked ? await known.readEvent() : undefined;
  const isGone = !isKept || (whole !== undefined && whole.payload_dropped_at !== null);
  const judge = makeJudge({ ...event, isGone, scope: isGone ? null : () => scopeOfRow(whole) });
  const endpoints = shown.map((endpoint) => ({
    endpoint_id: endpoint.id,
    endpoint_url: endpoint.url,
    ...judge(endpoint),
    is_newer_than_event: isNewer(endpoint, event),
  }));
  return { endpoints, is_cut: shown.length < known.endpoints.length };
}

function scopeOfRow(whole: EventRow | undefined): TriggerScope {
  if (!whole) throw new Error('An event was not read whose payload is asked for');
  return endpointScopeOfRow(whole);
}

interface JudgedEvent extends Pick<EventHead, 'type' | 'received_at'> {
  readonly isGone: boolean;
  readonly scope: (() => TriggerScope) | null;
}

function makeJudge(
  event: JudgedEvent,
): (endpoint: UnsentEndpoint) => Pick<NotSentTo['endpoints'][number], 'why' | 'decisive'> {
  const hasTime = makeJudgingBudget();
  const { type, scope: makeScope } = event;
  let kept: TriggerScope | undefined;
  const scope = makeScope && (() => (kept ??= makeScope()));
  return (endpoint) => {
    if (needsPayload(endpoint, type) && !hasTime()) {
      return { why: 'not judged: there are too many filters', decisive: null };
    }
    const judged = judgeEndpoint(endpoint, { type, scope });
    const isLate = isNewer(endpoint, event);
    if (judged.isMatch) {
      return { why: isLate ? lateWords(event) : earlyWords(event), decisive: null };
    }
    const why = isLate ? `made after the event, and ${judged.why}` : judged.why;
    return { why, decisive: judged.decisive };
  };
}

/** Why an endpoint that wants the event, and is newer, has not got it. */
function lateWords({ isGone }: JudgedEvent): string {
  return isGone
    ? 'made after the event, whose payload is gone: no replay can backfill it'
    : 'made after the event: a replay can backfill it';
}

/** Why an endpoint that wants the event, and is older, has not got it: nothing else is recorded. */
function earlyWords({ type, isGone }: JudgedEvent): string {
  const also =
    isGone && isOperationalType(type)
      ? 'or the event, whose payload is gone, was about it'
      : 'or it was made at that very moment';
  return `would get it today: its settings were changed since, ${also}`;
}

function isNewer(endpoint: UnsentEndpoint, event: Pick<EventHead, 'received_at'>): boolean {
  return endpoint.created_at > event.received_at;
}
