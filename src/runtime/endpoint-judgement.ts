import { isVerboseType } from '../domain/catalog.ts';
import { subscribes } from '../domain/endpoint.ts';
import { isOperationalType } from '../domain/operational-events.ts';
import type { TriggerScope } from '../domain/trigger.ts';
import type { EndpointRow } from '../store/delivery-tables.ts';
import { explainCondition } from './condition-explanation.ts';
import type { Decisive } from './condition-explanation.ts';
import { endpointVariables } from './endpoint-expressions.ts';
import { matchEndpoint } from './endpoint-matching.ts';
import { matchesType } from './event-pattern.ts';

/** More event types than these explain nothing. */
const typesMax = 10;

type JudgedEndpoint = Pick<EndpointRow, 'id' | 'event_types' | 'filter'>;

/** Whether a published event is for an endpoint. */
type EndpointJudgement =
  | { readonly isMatch: true }
  | {
      readonly isMatch: false;
      readonly why: string;
      /** The smallest part of the filter that decided; null where no filter did. */
      readonly decisive: Decisive | null;
    };

/**
 * Judge a published event again by an endpoint's settings of today, as publishing does, and say in
 * words what stands against. Never throws.
 *
 * @param event - `scope` is called when there is something in the event to look at; null = its
 *   payload is gone
 */
export function judgeEndpoint(
  { id, event_types: wanted, filter }: JudgedEndpoint,
  { type, scope }: { readonly type: string; readonly scope: (() => TriggerScope) | null },
): EndpointJudgement {
  if (!subscribes(wanted, type)) return refusal(typeWords(wanted, type));
  if (isOperationalType(type) && scope !== null && subjectOf(scope()) === id) {
    return refusal('the event is about it: no endpoint is told of itself');
  }
  if (filter === null) return { isMatch: true };
  if (scope === null) {
    return refusal('its filter cannot be asked: the payload of the event is gone');
  }
  const match = matchEndpoint({ event_types: wanted, filter, order_by: null }, type, scope);
  if (match.kind === 'sent') return { isMatch: true };
  const { decisive } = explainCondition(filter, scope(), endpointVariables);
  return { ...refusal(filterWords(match, filter)), decisive };
}

/** Whether to judge an event takes what it carries. */
export function needsPayload(
  { event_types: wanted, filter }: Omit<JudgedEndpoint, 'id'>,
  type: string,
): boolean {
  return subscribes(wanted, type) && (filter !== null || isOperationalType(type));
}

function refusal(why: string): Extract<EndpointJudgement, { isMatch: false }> {
  return { isMatch: false, why, decisive: null };
}

/** Why a type is none of an endpoint's: by a star it may look as if it were. */
function typeWords(wanted: readonly string[], type: string): string {
  const covering = wanted.filter((pattern) => matchesType(pattern, type));
  if (covering.length === 0) return `asks for other event types: ${listed(wanted)}`;
  return isVerboseType(type)
    ? `"${type}" is verbose and must be named: it asks for ${listed(covering)}`
    : `operational events go only to endpoints that name them or endpoint.*: it asks for ${listed(covering)}`;
}

function listed(types: readonly string[]): string {
  const more = types.length - typesMax;
  return `${types.slice(0, typesMax).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Publishing records a skipped delivery where a filter has no value: it had another filter then. */
function filterWords(
  match: Exclude<ReturnType<typeof matchEndpoint>, { kind: 'sent' }>,
  filter: string,
): string {
  if (match.kind === 'unwanted') return `its filter is false: ${filter}`;
  const reason = match.reason.replace(/^filter_error: /, '');
  return `its filter has no value today: ${reason}; its settings were changed since`;
}

/** The endpoint that an operational event is about. */
function subjectOf({ data }: TriggerScope): unknown {
  const isObject = typeof data === 'object' && data !== null;
  return isObject && 'endpoint_id' in data ? data.endpoint_id : undefined;
}
