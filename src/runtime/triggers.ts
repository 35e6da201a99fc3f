import type {
  ActiveTrigger,
  TriggerAction,
  TriggerDefinition,
  TriggerScope,
} from '../domain/trigger.ts';
import type { TriggerWithDefinition } from '../store/triggers.ts';
import { ExpressionError } from './expression.ts';
import { keyText } from './guard-keys.ts';
import { renderInput, renderText } from './template.ts';
import { evaluateIn, isTrueIn, placedError } from './trigger-expressions.ts';

/** A stored trigger as it is matched. Its definition was checked before it was stored. */
export function activeTrigger(row: TriggerWithDefinition): ActiveTrigger {
  const { id, tenant_id: tenantId, revision } = row;
  return { id, tenantId, revision, definition: row.definition as TriggerDefinition };
}

/**
 * What a trigger does for an event, with its `with`, the address of a `forward` and the key of a
 * `session` evaluated.
 *
 * @param scope - in a join with all its parts
 * @throws ExpressionError that says where: `with.ref: …`
 */
export function renderAction(definition: TriggerDefinition, scope: TriggerScope): TriggerAction {
  // A run that was born failed because of its condition is held to it again in its next cycle.
  if (!isConditionTrue(definition, scope)) {
    throw new ExpressionError('when: does not hold for this event', 0);
  }
  const { action } = definition;
  const values = action.with === null ? null : renderInput(action.with, scope);
  if (action.kind === 'forward') {
    return { ...action, url: urlOf(action.url, scope), with: values };
  }
  if (action.kind === 'session') {
    return { ...action, key: sessionKeyOf(definition, action.key, scope), with: values ?? {} };
  }
  return { ...action, with: values ?? {} };
}

/**
 * Whether a trigger's own condition, not that of a part, is true.
 *
 * @throws ExpressionError that says where
 */
export function isConditionTrue(definition: TriggerDefinition, scope: TriggerScope): boolean {
  const { when } = definition;
  return when === null || isTrueIn(definition, { path: 'when', source: when }, scope);
}

function urlOf(template: string, scope: TriggerScope): string {
  const url = renderText(template, scope, 'do.forward');
  if (typeof url === 'string') return url;
  throw new ExpressionError(`do.forward: Must give a text, and gave ${JSON.stringify(url)}`, 0);
}

function sessionKeyOf(
  definition: TriggerDefinition,
  source: string | null,
  scope: TriggerScope,
): string | null {
  if (source === null) return null;
  const placed = { path: 'do.key', source };
  const value = evaluateIn(definition, placed, scope);
  if (value !== null) return keyText(value);
  throw placedError(placed, 'Gives null: events without a key would share one session', 0);
}
