import type { Knex } from 'knex';
import { idPattern } from '../../src/domain/id.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import { auditEntry } from '../audit.ts';
import type { Call } from '../route.ts';

/** How a call of a bulk names what it is about. */
export interface BulkBody {
  readonly ids?: readonly string[] | undefined;
  readonly filter?: object | undefined;
  readonly cursor?: string | undefined;
}

/** What became of the things of one call: 1,000 at most. */
export interface BulkDone {
  /** As `delivery.hold`. */
  readonly action: string;
  /** What each is that was changed, as `held`. */
  readonly state: string;
  readonly outcome: {
    readonly matched: number;
    readonly results: readonly { readonly id: string; readonly state: string }[];
  };
  /** The ids that are there. What else was named may be of any length and somebody else's. */
  readonly known: Pick<ReadonlySet<string>, 'has'>;
  readonly reason: string | undefined;
}

/**
 * Write the one entry of a call, in the transaction that does it: with the ids of what was changed
 * (`ids`) and of what was refused (`refused_ids`). A thousand of them take 45 KB.
 */
export async function recordBulk(
  tx: Knex,
  call: Call<unknown, BulkBody>,
  { action, state, outcome, known, reason }: BulkDone,
): Promise<void> {
  const { ids: named, filter, cursor } = call.body;
  const { matched, results } = outcome;
  const idsOf = (isRefused: boolean): string[] =>
    results.filter((result) => (result.state === 'refused') === isRefused).map(({ id }) => id);
  const [ids, refused] = [idsOf(false), idsOf(true)];
  const refused_ids = refused.filter((id) => known.has(id));
  const detail = {
    ...(named === undefined && { filter, is_continued: cursor !== undefined }),
    matched,
    [state]: ids.length,
    refused: refused.length,
    ...(ids.length > 0 && { ids }),
    ...(refused_ids.length > 0 && { refused_ids }),
    ...(reason !== undefined && { reason }),
  };
  const subject = named === undefined ? '*' : subjectOf(results.map(({ id }) => id));
  await recordAudit(tx, auditEntry(call, { action, subject, detail }));
}

/** Whether it can be an id: what is none may hold what no column takes. */
export function isId(id: string): boolean {
  return idPattern.test(id);
}

/** The one that was named, or that it was several. */
function subjectOf(named: readonly string[]): string {
  const [only = '*', ...others] = named.filter(isId);
  return others.length === 0 ? only : '*';
}
