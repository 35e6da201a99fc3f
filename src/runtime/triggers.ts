import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type {
  ActiveTrigger,
  PlannedRun,
  TriggerAction,
  TriggerDefinition,
  TriggerScope,
} from '../domain/trigger.ts';
import type { TriggerWithDefinition } from '../store/triggers.ts';
import { compileCondition, ExpressionError } from './expression.ts';
import { renderInput } from './template.ts';
import { checkTriggerFile, matchesType } from './trigger-file.ts';
import type { TriggerProblem } from './trigger-problems.ts';

export interface LoadedTrigger {
  readonly file: string;
  readonly text: string;
  readonly definition: TriggerDefinition;
}

export interface LoadedFolder {
  readonly loaded: readonly LoadedTrigger[];
  readonly problems: readonly TriggerProblem[];
}

/**
 * Read every `*.yaml` and `*.yml` of a folder. A broken or unreadable file does not stop the others.
 *
 * @throws Error when the folder can't be read
 */
export async function loadTriggerFolder(
  dir: string,
  automations: readonly string[],
): Promise<LoadedFolder> {
  const files = (await listFolder(dir)).filter((file) => /\.ya?ml$/.test(file)).toSorted();
  const loaded: LoadedTrigger[] = [];
  const problems: TriggerProblem[] = [];
  for (const file of files) {
    const bytes = await readFile(join(dir, file)).catch(() => undefined);
    if (!bytes) {
      problems.push({ file, line: 1, column: 1, path: '', message: 'The file cannot be read' });
      continue;
    }
    const checked = checkTriggerFile(file, bytes, automations);
    if ('problems' in checked) {
      problems.push(...checked.problems);
      continue;
    }
    const { definition } = checked;
    const first = loaded.find((other) => other.definition.name === definition.name);
    if (first) {
      const message = `The trigger "${definition.name}" is in ${first.file} already`;
      problems.push({ file, line: 1, column: 1, path: 'trigger', message });
    } else loaded.push({ file, text: bytes.toString('utf8'), definition });
  }
  return { loaded, problems };
}

async function listFolder(dir: string): Promise<string[]> {
  try {
    return await readdir(dir);
  } catch (cause) {
    throw new Error(`Cannot read the triggers in "${dir}": set TRIGGERS_DIR to a folder`, {
      cause,
    });
  }
}

/** A stored trigger as it is matched. Its definition was checked before it was stored. */
export function activeTrigger(row: TriggerWithDefinition): ActiveTrigger {
  const { id, tenant_id: tenantId, revision } = row;
  return { id, tenantId, revision, definition: row.definition as TriggerDefinition };
}

/** What is matched of an event. */
export interface MatchedEvent {
  readonly tenantId: string;
  readonly source: string;
  readonly type: string;
  /** Set: only this trigger may fire. */
  readonly triggerId: string | null;
}

export interface TriggerIndex {
  /** The runs to make; a condition that can't be evaluated makes a run that is born failed. */
  match(event: MatchedEvent, scopeOf: () => TriggerScope): PlannedRun[];
}

interface Entry {
  readonly trigger: ActiveTrigger;
  /** Compiles at its first call: one that doesn't compile any more fails its own runs, no others. */
  readonly hasMatched: (scopeOf: () => TriggerScope) => boolean;
}

/** By tenant and source; conditions are compiled once, when first needed. */
export function makeTriggerIndex(triggers: readonly ActiveTrigger[]): TriggerIndex {
  const index = new Map<string, Entry[]>();
  for (const trigger of triggers) {
    const key = keyOf(trigger.tenantId, trigger.definition.source);
    index.set(key, [...(index.get(key) ?? []), makeEntry(trigger)]);
  }
  return {
    match(event, scopeOf) {
      let scope: TriggerScope | undefined;
      return (index.get(keyOf(event.tenantId, event.source)) ?? [])
        .filter(({ trigger }) => isFor(trigger, event))
        .flatMap((entry) => planRun(entry, () => (scope ??= scopeOf())));
    },
  };
}

function makeEntry(trigger: ActiveTrigger): Entry {
  const { when } = trigger.definition;
  let condition: ReturnType<typeof compileCondition> | undefined;
  return {
    trigger,
    hasMatched: (scopeOf) => {
      if (when === null) return true;
      condition ??= compileCondition(when);
      return condition(scopeOf());
    },
  };
}

function keyOf(tenantId: string, source: string): string {
  return `${tenantId} ${source}`;
}

function isFor({ id, definition }: ActiveTrigger, event: MatchedEvent): boolean {
  if (event.triggerId !== null && event.triggerId !== id) return false;
  return definition.events.some((pattern) => matchesType(pattern, event.type));
}

function planRun({ trigger, hasMatched }: Entry, scopeOf: () => TriggerScope): PlannedRun[] {
  const { id: triggerId, revision, definition } = trigger;
  const run = { triggerId, trigger: definition.name, revision };
  try {
    return hasMatched(scopeOf) ? [{ ...run, failure: null }] : [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ ...run, failure: `when: ${message}` }];
  }
}

/**
 * A stored definition's action, with its `with` evaluated for an event.
 *
 * @throws ExpressionError
 */
export function renderAction(definition: unknown, scopeOf: () => TriggerScope): TriggerAction {
  const { action, when } = definition as TriggerDefinition;
  const scope = scopeOf();
  // A run that was born failed because of its condition is held to it again in its next cycle.
  if (when !== null && !compileCondition(when)(scope)) {
    throw new ExpressionError('when: does not hold for this event', 0);
  }
  return { ...action, with: renderInput(action.with, scope) };
}
