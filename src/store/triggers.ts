import type { Knex } from 'knex';
import type { TriggerRevisionRow, TriggerRow } from './tables.ts';

/** A trigger with what its current revision says; without both where its file was never good. */
export type TriggerWithDefinition = TriggerRow &
  Pick<TriggerRevisionRow, 'definition'> & {
    /** When that revision was made. */
    readonly revised_at: Date | null;
  };

export interface TriggerFileRecord {
  /** Used when the name is new. */
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly definition: unknown;
}

/** Keep a file as the trigger's current revision: a new one when its text changed. Safe to repeat. */
export async function recordTriggerFile(db: Knex, record: TriggerFileRecord): Promise<void> {
  const { tenantId: tenant_id, name, file, text } = record;
  const definition = JSON.stringify(record.definition);
  await db.transaction(async (tx) => {
    await tx('triggers')
      .insert({ id: record.id, tenant_id, name, file, revision: 0 })
      .onConflict(['tenant_id', 'name'])
      .ignore();
    const trigger = await tx('triggers').where({ tenant_id, name }).forUpdate().first();
    if (!trigger) throw new Error(`Trigger "${name}" was not written`);
    const current = await tx('trigger_revisions')
      .where({ trigger_id: trigger.id, revision: trigger.revision })
      .first('text');
    const revision = current?.text === text ? trigger.revision : trigger.revision + 1;
    if (revision !== trigger.revision) {
      await tx('trigger_revisions').insert({ trigger_id: trigger.id, revision, text, definition });
    }
    await tx('triggers')
      .where({ id: trigger.id })
      .update({ file, revision, problem: null, is_active: true });
    await tx('triggers').where({ tenant_id, file, revision: 0 }).del(); // It was broken before.
    // Renamed in its file: the name before fires no more.
    await tx('triggers')
      .where({ tenant_id, file })
      .whereNot({ name })
      .update({ is_active: false, problem: null });
  });
}

/**
 * A file is broken: say so on its trigger, whose last good revision stays active. A file that was
 * never good gets a row of its own, named after the file, that fires nothing.
 */
export async function setTriggerProblem(
  db: Knex,
  { id, tenantId, file }: { id: string; tenantId: string; file: string },
  problem: string,
): Promise<void> {
  const row = { id, tenant_id: tenantId, name: file, file, revision: 0, problem, is_active: false };
  await db.transaction(async (tx) => {
    const changed = await tx('triggers').where({ tenant_id: tenantId, file }).update({ problem });
    if (changed === 0) await tx('triggers').insert(row);
  });
}

/** Triggers whose file is gone start nothing any more. */
export async function setTriggersGone(
  db: Knex,
  tenantId: string,
  filesThere: readonly string[],
): Promise<void> {
  await db('triggers')
    .where({ tenant_id: tenantId })
    .whereNotIn('file', filesThere)
    .update({ is_active: false, problem: null });
}

/** Every trigger of a tenant by name, with its current revision's definition. */
export async function listTriggers(db: Knex, tenantId: string): Promise<TriggerWithDefinition[]> {
  return withDefinition(db, { tenant_id: tenantId });
}

/** One trigger of a tenant, with its current revision's definition. */
export async function findTrigger(
  db: Knex,
  id: string,
  tenantId: string,
): Promise<TriggerWithDefinition | undefined> {
  const [row] = await withDefinition(db, { id, tenant_id: tenantId });
  return row;
}

/**
 * The revisions of a trigger, newest first.
 *
 * @param before - only those with a lower number
 */
export async function listTriggerRevisions(
  db: Knex,
  triggerId: string,
  { limit, before }: { readonly limit: number; readonly before?: number | undefined },
): Promise<TriggerRevisionRow[]> {
  const query = db('trigger_revisions').where({ trigger_id: triggerId });
  if (before !== undefined) void query.where('revision', '<', before);
  return query.orderBy('revision', 'desc').limit(limit);
}

/** Every trigger that may fire, of every tenant. */
export async function listActiveTriggers(db: Knex): Promise<TriggerWithDefinition[]> {
  return withDefinition(db, { is_active: true });
}

/** What a trigger said in one revision: runs pin theirs. */
export async function findTriggerRevision(
  db: Knex,
  triggerId: string,
  revision: number,
): Promise<TriggerRevisionRow | undefined> {
  return db('trigger_revisions').where({ trigger_id: triggerId, revision }).first();
}

async function withDefinition(
  db: Knex,
  where: Partial<TriggerRow>,
): Promise<TriggerWithDefinition[]> {
  const triggers = await db('triggers').where(where).orderBy('name');
  const revisions = await db('trigger_revisions').whereIn(
    ['trigger_id', 'revision'],
    triggers.map(({ id, revision }) => [id, revision]),
  );
  const current = new Map(revisions.map((row) => [row.trigger_id, row]));
  return triggers.map((row) => {
    const revision = current.get(row.id);
    return {
      ...row,
      definition: revision?.definition,
      revised_at: revision?.created_at ?? null,
    };
  });
}
