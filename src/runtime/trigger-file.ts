import type { EventPattern, Join, TriggerAction, TriggerDefinition } from '../domain/trigger.ts';
import { findExpressionMistakes } from './trigger-expression-check.ts';
import { mistakesOf, wording } from './trigger-mistakes.ts';
import type { Mistake } from './trigger-mistakes.ts';
import type { TriggerProblem } from './trigger-problems.ts';
import { findReferenceMistakes } from './trigger-references.ts';
import type { TriggerKnowledge } from './trigger-references.ts';
import { soundPartsSchema, triggerSchema } from './trigger-schema.ts';
import type { TriggerContent, TriggerTest } from './trigger-schema.ts';
import { findValueMistakes } from './trigger-values.ts';
import { readTriggerYaml } from './trigger-yaml.ts';
import type { TriggerYaml } from './trigger-yaml.ts';
import { pathText } from './yaml-position.ts';

export type { TriggerKnowledge } from './trigger-references.ts';

export type CheckedTriggerFile =
  | { readonly definition: TriggerDefinition; readonly tests: readonly TriggerTest[] }
  | { readonly problems: readonly TriggerProblem[] };

/** Who reads the first hundred knows what kind of file it is. */
const problemsMax = 100;

/**
 * Read and check one trigger file. All mistakes are reported together.
 *
 * @param file - the name for messages
 */
export function checkTriggerFile(
  file: string,
  bytes: Buffer,
  known: TriggerKnowledge,
): CheckedTriggerFile {
  const yaml = readTriggerYaml(file, bytes);
  if ('problems' in yaml) return yaml;
  const { value } = yaml;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return report(file, yaml, [{ path: [], message: 'A trigger is a map: trigger, on, do' }]);
  }
  const parsed = triggerSchema.safeParse(value, { reportInput: true, error: wording });
  const mistakes = [
    ...(parsed.success ? [] : mistakesOf(parsed.error.issues)),
    ...findReferenceMistakes(parsed.success ? parsed.data : soundPartsSchema.parse(value), known),
    ...findExpressionMistakes(value),
    ...findValueMistakes(value),
  ];
  if (!parsed.success || mistakes.length > 0) return report(file, yaml, mistakes);
  return { definition: toDefinition(parsed.data), tests: parsed.data.tests };
}

function report(file: string, yaml: TriggerYaml, mistakes: readonly Mistake[]): CheckedTriggerFile {
  const problems = mistakes.slice(0, problemsMax).map(({ path, message, offset }) => ({
    file,
    ...yaml.positionOf(path, offset),
    path: pathText(path),
    message,
  }));
  const more = mistakes.length - problems.length;
  const rest = { file, line: 1, column: 1, path: '', message: `And ${more} more mistakes` };
  return {
    problems: [
      ...problems.toSorted((a, b) => a.line - b.line || a.column - b.column),
      ...(more > 0 ? [rest] : []),
    ],
  };
}

function toDefinition(content: TriggerContent): TriggerDefinition {
  return {
    name: content.trigger,
    description: content.description ?? null,
    on: toPatterns(content),
    join: toJoin(content),
    when: content.when ?? null,
    ...toGuards(content),
    action: toAction(content),
    timeoutMs: content.timeout ?? null,
    retry: content.retry
      ? { attempts: content.retry.attempts, backoffMs: content.retry.backoff }
      : null,
    mode: content.mode,
  };
}

function toGuards({
  dedupe,
  debounce,
  concurrency,
  throttle,
}: TriggerContent): Pick<TriggerDefinition, 'dedupe' | 'debounce' | 'concurrency' | 'throttle'> {
  return {
    dedupe: dedupe ? { key: dedupe.key, forMs: dedupe.for } : null,
    debounce: debounce ? { key: debounce.key ?? null, forMs: debounce.for } : null,
    concurrency: concurrency
      ? { key: concurrency.key ?? null, limit: concurrency.limit, onBusy: concurrency.on_busy }
      : null,
    throttle: throttle
      ? { key: throttle.key ?? null, limit: throttle.limit, perMs: throttle.per }
      : null,
  };
}

function toPatterns({ on }: TriggerContent): EventPattern[] {
  if ('all' in on) return on.all.map((part) => ({ ...part, when: part.when ?? null }));
  return (Array.isArray(on) ? on : [on]).map((pattern) => ({ ...pattern, as: null, when: null }));
}

function toJoin({ on }: TriggerContent): Join | null {
  return 'all' in on ? { by: on.by, withinMs: on.within } : null;
}

/** Of a file in which exactly one action stands. */
function toAction({ do: action, with: outer }: TriggerContent): TriggerAction {
  const { workflow, session, emit, forward, key } = action;
  const given = action.with ?? outer;
  const values = given ?? {};
  if (workflow !== undefined) return { kind: 'workflow', name: workflow, with: values };
  if (session !== undefined) {
    return { kind: 'session', name: session, key: key ?? null, with: values };
  }
  if (forward !== undefined) return { kind: 'forward', url: forward, with: given ?? null };
  return { kind: 'emit', type: emit ?? '', with: values };
}
