import { createHash } from 'node:crypto';
import type { GuardKeys, TriggerDefinition, TriggerScope } from '../domain/trigger.ts';
import { evaluateIn, placedError } from './trigger-expressions.ts';

/** A longer key is kept as its hash: it stands in an index. */
const keyLengthMax = 200;

/** A guard without a key of its own holds all runs of its trigger in one lane. */
const oneLane = '';

/**
 * The keys under which the run of an event is guarded; null when nothing holds its trigger's runs.
 *
 * @param part - which part of a join the event is; null outside of one
 * @throws ExpressionError whose message begins with the place of the key: `dedupe.key: …`
 */
export function guardKeysOf(
  definition: TriggerDefinition,
  scope: TriggerScope,
  part: string | null,
): GuardKeys | null {
  const { dedupe, debounce, concurrency, throttle, join } = definition;
  if (!dedupe && !debounce && !concurrency && !throttle && !join) return null;
  const keyOf = (path: string, guard: { readonly key: string | null } | null): string | null => {
    if (guard === null) return null;
    const { key: source } = guard;
    return source === null ? oneLane : keyText(evaluateIn(definition, { path, source }, scope));
  };
  return {
    dedupe: keyOf('dedupe.key', dedupe),
    debounce: keyOf('debounce.key', debounce),
    concurrency: keyOf('concurrency.key', concurrency),
    throttle: keyOf('throttle.key', throttle),
    join: join === null || part === null ? null : joinKeyOf(definition, scope, part),
    part,
  };
}

function joinKeyOf(definition: TriggerDefinition, scope: TriggerScope, part: string): string {
  const placed = { path: `on.by.${part}`, source: definition.join?.by[part] ?? 'null' };
  const value = evaluateIn(definition, placed, scope);
  if (value !== null) return keyText(value);
  throw placedError(placed, 'Gives null: without a key no other part is found', 0);
}

/** Text as it is, anything else as JSON; what PostgreSQL would not keep as text becomes its hash. */
export function keyText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const canBeKept = !text.includes('\0') && Buffer.from(text).toString() === text;
  if (text.length <= keyLengthMax && canBeKept) return text;
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
