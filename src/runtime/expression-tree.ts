import type { parse } from '@bufbuild/cel';

type Parsed = ReturnType<typeof parse>;
type Expr = Parsed['expr'];

interface Named {
  readonly name: string;
  readonly offset: number;
}

/** What an expression is made of. */
export interface Inspection {
  /** Used and not bound by a comprehension. */
  readonly variables: readonly Named[];
  readonly functions: readonly Named[];
  /** How deep comprehensions (`all`, `exists`, `map`, `filter`) are nested. */
  readonly comprehensions: number;
  /** How many of them stand within another. */
  readonly nestedComprehensions: number;
  /** Whether its value is no bool whatever the event: a number, a list, a sum. */
  readonly isNeverBool: boolean;
  offsetOf(id: bigint | undefined): number | undefined;
}

interface Walk {
  readonly variables: Named[];
  readonly functions: Named[];
  comprehensions: number;
  nestedComprehensions: number;
  offsetOf(id: bigint | undefined): number | undefined;
}

interface Place {
  readonly bound: ReadonlySet<string>;
  readonly depth: number;
}

/** Walk a parsed expression. */
export function inspect({ expr, sourceInfo }: Parsed): Inspection {
  const positions = new Map(Object.entries(sourceInfo?.positions ?? {}));
  const offsetOf = (id: bigint | undefined): number | undefined => positions.get(String(id));
  const counts = { comprehensions: 0, nestedComprehensions: 0 };
  const walk: Walk = { variables: [], functions: [], ...counts, offsetOf };
  visit(expr, { bound: new Set(), depth: 0 }, walk);
  return { ...walk, isNeverBool: isNeverBool(expr) };
}

/** Functions and operators that give no bool, whatever they are given. */
const neverBool: ReadonlySet<string> = new Set(
  '_+_ _-_ _*_ _/_ _%_ -_ size string int uint double bytes timestamp duration type'.split(' '),
);

function isNeverBool({ exprKind: { case: kind, value } }: Expr): boolean {
  if (kind === 'constExpr') return value.constantKind.case !== 'boolValue';
  if (kind === 'listExpr' || kind === 'structExpr') return true;
  if (kind !== 'callExpr') return false;
  const { function: name, args } = value;
  if (name === '_?_:_') return args.slice(1).every(isNeverBool);
  return neverBool.has(name);
}

function visit(expr: Expr | undefined, place: Place, walk: Walk): void {
  if (!expr) return;
  const offset = walk.offsetOf(expr.id) ?? 0;
  const { case: kind, value } = expr.exprKind;
  if (kind === 'identExpr' && !place.bound.has(value.name)) {
    walk.variables.push({ name: value.name, offset });
  }
  if (kind === 'callExpr') walk.functions.push({ name: value.function, offset });
  if (kind === 'comprehensionExpr') visitComprehension(value, place, walk);
  else for (const child of childrenOf(expr)) visit(child, place, walk);
}

function childrenOf({ exprKind: { case: kind, value } }: Expr): readonly (Expr | undefined)[] {
  if (kind === 'selectExpr') return [value.operand];
  if (kind === 'callExpr') return [value.target, ...value.args];
  if (kind === 'listExpr') return value.elements;
  if (kind !== 'structExpr') return [];
  return value.entries.flatMap(({ keyKind, value: item }) =>
    keyKind.case === 'mapKey' ? [keyKind.value, item] : [item],
  );
}

type Comprehension = Extract<Expr['exprKind'], { case: 'comprehensionExpr' }>['value'];

function visitComprehension(found: Comprehension, place: Place, walk: Walk): void {
  const depth = place.depth + 1;
  walk.comprehensions = Math.max(walk.comprehensions, depth);
  if (depth > 1) walk.nestedComprehensions += 1;
  const bound = new Set([...place.bound, found.iterVar, found.accuVar]);
  visit(found.iterRange, place, walk);
  visit(found.accuInit, place, walk);
  for (const part of [found.loopCondition, found.loopStep, found.result]) {
    visit(part, { bound, depth }, walk);
  }
}
