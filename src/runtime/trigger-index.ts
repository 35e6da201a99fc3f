import type { ActiveTrigger, EventPattern, PlannedRun, TriggerScope } from '../domain/trigger.ts';
import { convertScope } from './cel-values.ts';
import { countStrike, evaluationMaxMs } from './trigger-cost.ts';
import type { CostRecord } from './trigger-cost.ts';
import { planRun } from './trigger-planning.ts';

/** How long a chain of events that triggers emit may be; a longer one is taken for a loop. */
export const chainMax = 8;

/** What is matched of an event. */
export interface MatchedEvent {
  readonly tenantId: string;
  readonly source: string;
  readonly type: string;
  /** How many events stand between it and the first of its chain. */
  readonly depth: number;
  /** Set: only this trigger may fire. */
  readonly triggerId: string | null;
}

export interface TriggerIndex {
  /**
   * The runs to make, in the order of the triggers; an expression that can't be evaluated makes a
   * run that is born failed.
   */
  match(event: MatchedEvent, scopeOf: () => TriggerScope): PlannedRun[];
  /** By the id of each trigger. */
  readonly entries: ReadonlyMap<string, Entry>;
}

interface Entry extends CostRecord {
  readonly trigger: ActiveTrigger;
}

/** Where a pattern leads: to a trigger, and its place among all. */
interface Listener {
  readonly entry: Entry;
  readonly order: number;
  readonly pattern: EventPattern;
}

/** The listeners of one source of a tenant, by exact type and by the beginning of a type. */
interface Listeners {
  readonly exact: Map<string, Listener[]>;
  readonly prefixes: Map<string, Listener[]>;
}

export interface TriggerIndexOptions {
  /** Of before: a revision that is in it keeps what was compiled and counted of it. */
  readonly earlier?: TriggerIndex | undefined;
  /** Called for a trigger that fires no more here: its expressions take too long, or what it says can't be read. */
  readonly onQuarantine?: (trigger: ActiveTrigger, reason: string) => void;
  /** A clock that never goes back, in milliseconds. */
  readonly nowMs?: () => number;
}

/**
 * Triggers by tenant, source and type: what an event costs does not grow with the triggers that
 * listen to something else.
 */
export function makeTriggerIndex(
  triggers: readonly ActiveTrigger[],
  { earlier, onQuarantine, nowMs = () => performance.now() }: TriggerIndexOptions = {},
): TriggerIndex {
  const entries = new Map<string, Entry>();
  const sources = new Map<string, Listeners>();
  for (const [order, trigger] of triggers.entries()) {
    const entry = entryOf(trigger, earlier);
    entries.set(trigger.id, entry);
    addPatterns(sources, entry, order);
    if (entry.quarantine !== null) onQuarantine?.(trigger, entry.quarantine);
  }

  function plan(entry: Entry, patterns: readonly EventPattern[], scopeOf: () => TriggerScope) {
    let startedAt: number | undefined;
    const evaluate = (): PlannedRun | undefined =>
      planRun(entry.trigger, patterns, () => {
        const scope = scopeOf();
        startedAt = nowMs(); // What the event costs is not the trigger's fault.
        return scope;
      });
    const tookMs = (): number => (startedAt === undefined ? 0 : nowMs() - startedAt);
    const run = evaluate();
    const firstMs = tookMs();
    if (firstMs <= evaluationMaxMs) {
      countStrike(entry, firstMs);
      return run;
    }
    evaluate(); // A pause of the process looks like this too, and does not come twice.
    countStrike(entry, Math.min(firstMs, tookMs()));
    if (entry.quarantine !== null) onQuarantine?.(entry.trigger, entry.quarantine);
    return run;
  }

  return {
    entries,
    match(event, scopeOf) {
      let scope: TriggerScope | undefined;
      const openScope = (): TriggerScope => (scope ??= converted(scopeOf()));
      return listenersFor(sources, event).flatMap(({ entry, patterns }) => {
        const run = plan(entry, patterns, openScope);
        if (!run) return [];
        return event.depth > chainMax ? [{ ...run, failure: loopOf(event) }] : [run];
      });
    },
  };
}

/** A quarantined one that is here again was let go, or its quarantine could not be written. */
function entryOf(trigger: ActiveTrigger, earlier: TriggerIndex | undefined): Entry {
  const kept = earlier?.entries.get(trigger.id);
  if (kept?.trigger.revision === trigger.revision && kept.quarantine === null) return kept;
  return { trigger, strikes: 0, quarantine: null };
}

/** A stored definition that is of another form is held: the triggers of the others fire. */
function addPatterns(sources: Map<string, Listeners>, entry: Entry, order: number): void {
  try {
    for (const pattern of entry.trigger.definition.on) {
      addPattern(sources, { entry, order, pattern });
    }
  } catch {
    entry.quarantine = 'what it says can not be read: save it again';
  }
}

function addPattern(sources: Map<string, Listeners>, listener: Listener): void {
  const { entry, pattern } = listener;
  const key = keyOf(entry.trigger.tenantId, pattern.source);
  const { exact, prefixes } = entryFor(sources, key, makeListeners);
  for (const type of pattern.events) {
    const isGlob = type.endsWith('*');
    const name = isGlob ? type.slice(0, -1) : type;
    entryFor(isGlob ? prefixes : exact, name, (): Listener[] => []).push(listener);
  }
}

function makeListeners(): Listeners {
  return { exact: new Map(), prefixes: new Map() };
}

function entryFor<V>(map: Map<string, V>, key: string, make: () => V): V {
  const there = map.get(key) ?? make();
  map.set(key, there);
  return there;
}

function keyOf(tenantId: string, source: string): string {
  return `${tenantId} ${source}`;
}

/** Each trigger once, in order, with its patterns that match. */
function listenersFor(
  sources: ReadonlyMap<string, Listeners>,
  { tenantId, source, type, triggerId }: MatchedEvent,
): readonly { readonly entry: Entry; readonly patterns: readonly EventPattern[] }[] {
  const there = sources.get(keyOf(tenantId, source));
  if (!there) return [];
  const found = [...(there.exact.get(type) ?? []), ...byPrefix(there.prefixes, type)];
  const matching = new Set(found.map(({ pattern }) => pattern));
  const orders = new Map(found.map(({ entry, order }) => [entry, order]));
  return [...orders]
    .filter(([{ trigger }]) => triggerId === null || triggerId === trigger.id)
    .filter(([{ quarantine }]) => quarantine === null)
    .toSorted(([, a], [, b]) => a - b)
    .map(([entry]) => {
      const patterns = entry.trigger.definition.on.filter((each) => matching.has(each));
      return { entry, patterns };
    });
}

/** One look for each beginning of the type, however many globs there are. */
function byPrefix(prefixes: ReadonlyMap<string, Listener[]>, type: string): readonly Listener[] {
  if (prefixes.size === 0) return [];
  return Array.from(
    { length: type.length + 1 },
    (_, length) => prefixes.get(type.slice(0, length)) ?? [],
  ).flat();
}

/** Converted here, so that no trigger is charged for it. */
function converted(scope: TriggerScope): TriggerScope {
  convertScope(scope);
  return scope;
}

function loopOf({ depth, type }: MatchedEvent): string {
  return (
    `loop: ${depth} events of triggers led to this "${type}", ${chainMax} are the limit: ` +
    'change "on" or "when" of a trigger in the chain, so that none starts itself again'
  );
}
