import { catalog, customType } from '../domain/catalog.ts';
import { matchesType } from './event-pattern.ts';
import { hintFor } from './trigger-mistakes.ts';
import type { Mistake } from './trigger-mistakes.ts';
import { quote } from './trigger-problems.ts';
import { actionKinds, eventSources } from './trigger-schema.ts';
import type { SoundParts, TriggerContent } from './trigger-schema.ts';
import { findStrangers, findTestMistakes } from './trigger-test-check.ts';

/** What a trigger file can't know of the platform it is for. */
export interface TriggerKnowledge {
  /** The workflows that `do.workflow` may name; undefined = any name. */
  readonly automations: readonly string[] | undefined;
  /** Why an address can't be forwarded to, or `undefined`. */
  readonly refuseUrl: (raw: string) => string | undefined;
}

/** What a file says in the right form that does not fit the rest of it, or the world. */
export function findReferenceMistakes(
  { on, do: action, with: outer, tests }: SoundParts,
  known: TriggerKnowledge,
): Mistake[] {
  return [
    ...(on ? [...patternsOf(on).flatMap(findPatternMistakes), ...findJoinMistakes(on)] : []),
    ...(action ? findActionMistakes({ do: action, with: outer }, known) : []),
    ...(on && tests ? findTestMistakes({ on, tests }) : []),
  ];
}

interface PlacedPattern {
  readonly path: readonly PropertyKey[];
  readonly source: string;
  readonly events: readonly string[];
}

/** The patterns of `on` in any of its forms, and where they stand. */
function patternsOf(on: TriggerContent['on']): PlacedPattern[] {
  if (Array.isArray(on)) return on.map((one, index) => ({ ...one, path: ['on', index] }));
  if ('all' in on) return on.all.map((one, index) => ({ ...one, path: ['on', 'all', index] }));
  return [{ ...on, path: ['on'] }];
}

function findPatternMistakes({ path, source, events }: PlacedPattern): Mistake[] {
  if (!eventSources.includes(source)) {
    const message = `Unknown source ${quote(source)}: ${hintFor(source, eventSources)}`;
    return [{ path: [...path, 'source'], message }];
  }
  if (source !== 'events') return []; // What others send is theirs to name.
  return events.flatMap((event, index) => {
    if (isPublished(event)) return [];
    const message = `${quote(event)} is not in the catalog: ${hintFor(event, publishedNames)}`;
    return [{ path: [...path, 'events', index], message }];
  });
}

const catalogTypes = Object.keys(catalog);

const publishedNames: readonly string[] = [
  ...catalogTypes,
  ...new Set(catalogTypes.map((type) => `${type.split('.')[0]}.*`)),
  'custom.*',
];

/** Whether this platform can publish an event of a pattern. */
function isPublished(pattern: string): boolean {
  if (customType.test(pattern) || catalogTypes.some((type) => matchesType(pattern, type))) {
    return true;
  }
  const start = pattern.slice(0, -1);
  return pattern.endsWith('*') && (start.startsWith('custom.') || 'custom.'.startsWith(start));
}

function findJoinMistakes(on: TriggerContent['on']): Mistake[] {
  if (!('all' in on)) return [];
  const names = on.all.map(({ as }) => as);
  const keys = Object.keys(on.by);
  const twice = names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [{ path: ['on', 'all', index, 'as'], message: `The name "${name}" is there already` }],
  );
  const missing = [...new Set(names)]
    .filter((name) => !keys.includes(name))
    .map((name) => ({ path: ['on', 'by'], message: `on.by has no key for "${name}"` }));
  return [...twice, ...missing, ...findStrangers(['on', 'by'], keys, names)];
}

function findActionMistakes(
  { do: action, with: outer }: Pick<TriggerContent, 'do' | 'with'>,
  known: TriggerKnowledge,
): Mistake[] {
  const kinds = actionKinds.filter((kind) => action[kind] !== undefined);
  const mistakes: Mistake[] = [];
  if (kinds.length !== 1) {
    const message = `do needs exactly one of ${actionKinds.join(', ')}`;
    const hint = kinds.length === 0 ? '' : `: there are ${kinds.join(' and ')}`;
    mistakes.push({ path: ['do'], message: `${message}${hint}` });
  }
  if (action.key !== undefined && action.session === undefined) {
    const message = 'do.key goes with do.session only: it says which session an event reaches';
    mistakes.push({ path: ['do', 'key'], message, offset: 'key' });
  }
  if (outer !== undefined && action.with !== undefined) {
    mistakes.push({
      path: ['with'],
      message: 'Write "with" once: here, or under do',
      offset: 'key',
    });
  }
  return [
    ...mistakes,
    ...(action.workflow === undefined ? [] : findWorkflow(action.workflow, known)),
    ...(action.emit === undefined ? [] : findEmit(action.emit)),
    ...(action.forward === undefined ? [] : findForward(action.forward, known)),
  ];
}

function findWorkflow(workflow: string, { automations }: TriggerKnowledge): Mistake[] {
  if (!automations || automations.includes(workflow)) return [];
  const message = `There is no automation ${quote(workflow)}: ${hintFor(workflow, automations)}`;
  return [{ path: ['do', 'workflow'], message }];
}

function findEmit(type: string): Mistake[] {
  if (Object.hasOwn(catalog, type) || customType.test(type)) return [];
  const hint = hintFor(type, [...catalogTypes, 'custom.*']);
  return [{ path: ['do', 'emit'], message: `${quote(type)} is not in the catalog: ${hint}` }];
}

/** Scheme, host and port, up to where a path or a query begins. */
const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i;

function findForward(url: string, { refuseUrl }: TriggerKnowledge): Mistake[] {
  const path = ['do', 'forward'];
  const template = url.indexOf('${{');
  const isFree = template >= 0 && template < (origin.exec(url)?.[0].length ?? Infinity);
  // An expression in the host would let an event choose where it is sent.
  if (isFree) {
    const message =
      'do.forward must name its scheme, host and port: "${{ }}" may follow after the /';
    return [{ path, message, offset: template }];
  }
  const why = refuseUrl(url.replaceAll(/\$\{\{.*?\}\}/gs, '0'));
  if (why === undefined) return [];
  return [{ path, message: `do.forward can't be ${quote(withoutUser(url))}: ${why}` }];
}

/** An address for a message: who holds a password in it must not read it in a log. */
function withoutUser(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, '//***@');
}
