import type { Knex } from 'knex';
import type { TriggerRevisionRow, TriggerRow } from './tables.ts';

/** A trigger with what its current revision says; without both where its file was never good. */
export type TriggerWithDefinition = TriggerRow &
  Pick<TriggerRevisionRow, 'definition'> & {
    /** When that revision was made. */
    readonly revised_at: Date | null;
  };

/** What a revision says. */
export interface RevisionContent {
  readonly text: string;
  readonly definition: unknown;
}

/** A trigger that is to be written under its name. */
export interface TriggerRecord extends RevisionContent {
  /** Used when the name is new. */
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
}

/**
 * Keep a file as the trigger's current revision: a new one when its text changed. Safe to repeat.
 *
 * @returns false when a trigger that is saved through the API has the name: nothing is written
 */
export async function recordTriggerFile(
  db: Knex,
  { file, ...record }: TriggerRecord & { readonly file: string },
): Promise<boolean> {
  const { tenantId: tenant_id, name } = record;
  return db.transaction(async (tx) => {
    await tx('triggers')
      .insert({ id: record.id, tenant_id, name, file, revision: 0 })
      .onConflict(['tenant_id', 'name'])
      .ignore();
    const trigger = await tx('triggers').where({ tenant_id, name }).forUpdate().first();
    if (!trigger) throw new Error(`Trigger "${name}" was not written`);
    if (trigger.file === null) return false;
    await addRevision(tx, trigger, { ...record, by: null });
    await tx('triggers').where({ id: trigger.id }).update({ file, problem: null, is_active: true });
    await tx('triggers').where({ tenant_id, file, revision: 0 }).del(); // It was broken before.
    // Renamed in its file: the name before fires no more.
    await tx('triggers')
      .where({ tenant_id, file })
      .whereNot({ name })
      .update({ is_active: false, problem: null });
    return true;
  });
}

/**
 * Write a new trigger that has no file.
 *
 * @param record - `by` is who saves it, as the actor of the audit log
 * @returns false when the tenant has a trigger of that name: nothing is written
 */
export async function recordSavedTrigger(
  tx: Knex,
  record: TriggerRecord & { readonly by: string },
): Promise<boolean> {
  const { id, tenantId: tenant_id, name } = record;
  const [trigger] = await tx('triggers')
    .insert({ id, tenant_id, name, file: null, revision: 0 })
    .onConflict(['tenant_id', 'name'])
    .ignore()
    .returning('*');
  if (!trigger) return false;
  await addRevision(tx, trigger, record);
  return true;
}

/**
 * Keep a text as the trigger's current revision, in the transaction that has locked it. What the
 * platform held begins anew with it.
 *
 * @returns the number of the revision: the one before when the text is the same
 */
export async function addRevision(
  tx: Knex,
  { id, revision: before }: Pick<TriggerRow, 'id' | 'revision'>,
  { text, definition, by }: RevisionContent & { readonly by: string | null },
): Promise<number> {
  const current = await findTriggerRevision(tx, id, before);
  if (current?.text === text) return before;
  const revision = before + 1;
  await tx('trigger_revisions').insert({
    trigger_id: id,
    revision,
    text,
    definition: JSON.stringify(definition),
    created_by: by,
  });
  await tx('triggers').where({ id }).update({ revision, quarantine: null });
  return revision;
}

/** Lock a trigger of a tenant until the end of the transaction. */
export async function lockTrigger(
  tx: Knex,
  id: string,
  tenantId: string,
): Promise<TriggerRow | undefined> {
  return tx('triggers').where({ id, tenant_id: tenantId }).forUpdate().first();
}

/** Whether a trigger may fire. */
export async function setTrigger(
  tx: Knex,
  id: string,
  change: Partial<Pick<TriggerRow, 'is_active' | 'quarantine'>>,
): Promise<void> {
  await tx('triggers').where({ id }).update(change);
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
    if (changed > 0) return;
    // Two servers may find it at once.
    await tx('triggers').insert(row).onConflict(['tenant_id', 'name']).merge({ problem });
  });
}

/**
 * Triggers whose file is gone start nothing any more; of a file that was never good nothing is kept.
 * Those that have no file are left alone.
 */
export async function setTriggersGone(
  db: Knex,
  tenantId: string,
  filesThere: readonly string[],
): Promise<void> {
  const gone = (): Knex.QueryBuilder =>
    db('triggers')
      .where({ tenant_id: tenantId })
      .whereNotNull('file')
      .whereNotIn('file', filesThere);
  await gone().where({ revision: 0 }).del();
  await gone().update({ is_active: false, problem: null });
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

/** The trigger of a tenant that has a name: names are unique in a tenant. */
export async function findTriggerNamed(
  db: Knex,
  tenantId: string,
  name: string,
): Promise<TriggerRow | undefined> {
  return db('triggers').where({ tenant_id: tenantId, name }).first();
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

/** Every trigger that may fire, of every tenant: active, and not held by the platform. */
export async function listActiveTriggers(db: Knex): Promise<TriggerWithDefinition[]> {
  return withDefinition(db, { is_active: true, quarantine: null });
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
