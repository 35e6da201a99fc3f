import type { Event } from '../domain/event.ts';
import type { TriggerScope } from '../domain/trigger.ts';
import { asBuffer } from './body.ts';
import { compileCondition, compileExpression, scopeVariables } from './expression.ts';
import { scopeOf } from './trigger-scope.ts';

/** What the expressions of an endpoint see: as those of a trigger do, and `data` for `body.data`. */
export const endpointVariables: readonly string[] = [...scopeVariables, 'data'];

/** Compiled ones by kind and text: some 20 KB each, so 1,000 stay below what a process has to spare. */
const compiledMax = 1000;

const compiled = new Map<string, (scope: TriggerScope) => unknown>();

/**
 * A `filter` or an `order_by`, compiled once per text.
 *
 * @returns what evaluates it; throws ExpressionError where it has no value
 * @throws ExpressionError with its offset
 */
export function endpointExpression(
  kind: 'filter' | 'order_by',
  source: string,
): (scope: TriggerScope) => unknown {
  const key = `${kind} ${source}`;
  const known = compiled.get(key);
  const evaluate = known ?? compile(kind, source);
  compiled.delete(key); // What was asked for last goes last.
  compiled.set(key, evaluate);
  const [oldest] = compiled.keys();
  if (compiled.size > compiledMax && oldest !== undefined) compiled.delete(oldest);
  return evaluate;
}

function compile(kind: 'filter' | 'order_by', source: string): (scope: TriggerScope) => unknown {
  if (kind === 'filter') return compileCondition(source, endpointVariables);
  const expression = compileExpression(source, endpointVariables);
  return (scope) => expression.evaluate(scope);
}

/** What the expressions of endpoints see of a published event. */
export function endpointScopeOf(event: Event): TriggerScope {
  return endpointScopeOfRow({
    id: event.id,
    source: event.source,
    type: event.type,
    tenant_id: event.tenantId,
    received_at: event.receivedAt,
    headers: event.headers,
    query: event.query,
    body: asBuffer(event.body),
    content_type: event.contentType,
  });
}

/** As `endpointScopeOf`, of an event that is stored. */
export function endpointScopeOfRow(event: Parameters<typeof scopeOf>[0]): TriggerScope {
  const scope = scopeOf(event, { attempt: 1, isReplay: false });
  return { ...scope, data: dataOf(scope.body) };
}

function dataOf(body: unknown): unknown {
  const isObject = typeof body === 'object' && body !== null;
  return isObject && 'data' in body ? body.data : null;
}
