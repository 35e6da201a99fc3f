import type { Integration, RawRequest } from '../../src/domain/channel.ts';
import { makeBodyVariants } from './body-variants.ts';
import type { BodyVariant, BodyVariants } from './body-variants.ts';
import type { Claim } from './claims.ts';
import { faultsOfClaim } from './claim-faults.ts';
import type { Fault } from './findings.ts';
import { makePauses } from './pauses.ts';
import { millisecondRecipes, recipesFor } from './recipes.ts';
import type { Recipe } from './recipes.ts';
import { keyVariants } from './secret-variants.ts';
import type { KeyVariant } from './secret-variants.ts';
import type { Algorithm, SignatureForm } from './signature-forms.ts';

/** What is searched through. */
export interface Clues {
  readonly request: RawRequest;
  readonly integration: Integration;
  readonly now: Date;
  readonly own: SignatureForm;
  readonly claims: readonly Claim[];
}

/** How a digest came to match. */
export interface Match {
  readonly faults: readonly Fault[];
  readonly secretId: string | null;
  readonly recipe: Recipe;
}

/** What a search found. */
export interface Search {
  readonly match: Match | undefined;
  /** Digests that were made and compared. */
  readonly tried: number;
  /** False when a limit ended the search, or left a part of it out. */
  readonly isComplete: boolean;
}

/** A person waits, and so do those behind: 0.1 s for an ordinary body, some 2 s for the worst. */
const limits = { digests: 20_000, bytes: 100_663_296 };

/** Two things can be wrong at once; three is a wrong setup, which is told by its first. */
const faultsMax = 2;

/**
 * Look for the fewest differences with which a secret makes a signature that was sent. Lets others
 * have the event loop in between.
 */
export async function search(clues: Clues): Promise<Search> {
  const pauses = makePauses();
  const budget = { digests: 0, bytes: 0 };
  const bodies = makeBodyVariants(clues.request.body);
  const plans = plansFor(clues);
  let match: Match | undefined;
  let isCut = false;
  for (const candidate of candidates(plans, bodies)) {
    if (pauses.isDue()) await pauses.take();
    if (!candidate) continue;
    if (budget.digests >= limits.digests || budget.bytes >= limits.bytes) {
      isCut = true;
      break;
    }
    budget.digests += 1;
    budget.bytes += candidate.plan.recipe.form.coversBody ? candidate.body.bytes.length : 0;
    match = matchOf(candidate, clues);
    if (match) break;
  }
  const isComplete = match !== undefined || (!isCut && bodies.isComplete());
  return { match, tried: budget.digests, isComplete };
}

/** A recipe with the keys and hashes that are tried with it. */
interface Plan {
  readonly recipe: Recipe;
  readonly keys: readonly KeyVariant[];
  readonly algorithms: readonly Algorithm[];
  /** Faults that stand before key and body are chosen. */
  readonly faultCount: number;
}

function plansFor(clues: Clues): Plan[] {
  const { request, integration, own, claims } = clues;
  const keysOf = new Map<SignatureForm, readonly KeyVariant[]>();
  const recipes = [
    ...recipesFor(request, integration, own),
    ...millisecondRecipes(request, integration, own),
  ];
  return recipes.map((recipe) => {
    const { form, faults, isLast } = recipe;
    const keys = keysOf.get(form) ?? keysFor(form, clues);
    keysOf.set(form, keys);
    const faultCount = isLast ? faultsMax : faults.length + (form === own ? 0 : 1);
    return { recipe, keys, algorithms: algorithmsOf(form, claims), faultCount };
  });
}

function keysFor(form: SignatureForm, { integration, now, own }: Clues): KeyVariant[] {
  return keyVariants(integration.secrets, {
    now,
    kinds: form === own ? own.kinds : [...new Set([...form.kinds, ...own.kinds])],
    isDecoded: form.isKeyDecoded,
  });
}

const lengths: Readonly<Record<Algorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** That of the form, and those whose length a claim has. Lark and WeCom have one hash each. */
function algorithmsOf(form: SignatureForm, claims: readonly Claim[]): Algorithm[] {
  if (form.encoding === 'text' || form.name === 'lark' || form.name === 'wecom') {
    return [form.algorithm];
  }
  const sent = new Set(
    claims.filter(({ encoding }) => encoding !== 'text').map(({ bytes }) => bytes.length),
  );
  const others = Object.entries(lengths).filter(([, length]) => sent.has(length));
  return [...new Set([form.algorithm, ...others.map(([name]) => name as Algorithm)])];
}

interface Candidate {
  readonly plan: Plan;
  readonly key: KeyVariant;
  readonly body: BodyVariant;
  readonly algorithm: Algorithm;
}

/** Fewest faults first; among equals, the own form and the newest secret first. */
function* candidates(
  plans: readonly Plan[],
  bodies: BodyVariants,
): Generator<Candidate | undefined> {
  for (let faults = 0; faults <= faultsMax; faults += 1) {
    for (const plan of plans) yield* candidatesOf(plan, bodies, faults);
  }
}

/** `undefined` where nothing is to be tried yet, but others may be let in. */
function* candidatesOf(
  plan: Plan,
  bodies: BodyVariants,
  faults: number,
): Generator<Candidate | undefined> {
  for (const key of plan.keys) {
    const left = faults - plan.faultCount - key.faults.length;
    const isOpen = left === 0 || (left > 0 && plan.recipe.form.coversBody);
    for (const body of isOpen ? bodies.withFaults(left) : []) {
      if (body) yield* plan.algorithms.map((algorithm) => ({ plan, key, body, algorithm }));
      else yield undefined;
    }
  }
}

function matchOf({ plan, key, body, algorithm }: Candidate, clues: Clues): Match | undefined {
  const { form, parts } = plan.recipe;
  const digest = form.sign({ ...parts, key: key.key, body: body.bytes, algorithm });
  const isText = form.encoding === 'text';
  const told = clues.claims
    .filter((claim) => (claim.encoding === 'text') === isText && isMadeOf(claim, digest, isText))
    .map((claim) => faultsOfClaim(claim, { form, own: clues.own, algorithm, digest }));
  const [fewest] = told.toSorted((one, other) => one.length - other.length);
  if (!fewest) return undefined;
  const faults = [...fewest, ...plan.recipe.faults, ...key.faults, ...body.faults];
  return { faults, secretId: key.secretId, recipe: plan.recipe };
}

/** Equal, or the beginning of it; a token is never compared in part, nor when it is empty. */
function isMadeOf({ bytes }: Claim, digest: Buffer, isText: boolean): boolean {
  if (bytes.length === 0) return false;
  if (isText || bytes.length >= digest.length) return bytes.equals(digest);
  return digest.subarray(0, bytes.length).equals(bytes);
}
