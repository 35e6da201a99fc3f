import type { Knex } from 'knex';
import { z } from 'zod';
import { Problem } from '../../src/domain/problem.ts';
import { makeId } from '../../src/runtime/ids.ts';
import { recordAudit } from '../../src/store/audit-log.ts';
import type { TriggerRow } from '../../src/store/tables.ts';
import {
  addRevision,
  lockTrigger,
  recordSavedTrigger,
  setTrigger,
} from '../../src/store/triggers.ts';
import { auditEntry } from '../audit.ts';
import { invalid, route } from '../route.ts';
import type { Call, MountableRoute } from '../route.ts';
import { found } from './answers.ts';
import { triggerWithTextSchema } from './trigger-answer.ts';
import { checkText, placeOfName, textSchema } from './trigger-text.ts';
import type { CheckedText, RefuseUrl } from './trigger-text.ts';
import { readTrigger } from './triggers.ts';

export interface TriggerSaveParts {
  readonly db: Knex;
  /** Why an address can't be forwarded to, or `undefined`. */
  readonly refuseUrl: RefuseUrl;
  /** Called after each change of a trigger: when it has returned, events meet the new revision. */
  readonly onTriggersChange: () => Promise<void>;
}

type Caller = Pick<Call<unknown, unknown>, 'tenantId' | 'actor' | 'id'>;

/** Triggers that have no file are written here; those that have one are changed there. */
export function triggerSaveRoutes(parts: TriggerSaveParts): MountableRoute[] {
  return [createRoute(parts), changeRoute(parts), ...switchRoutes(parts)];
}

function createRoute(parts: TriggerSaveParts): MountableRoute {
  return route({
    method: 'post',
    path: '/v1/triggers',
    summary: 'Save a new trigger',
    body: z.strictObject({ text: textSchema }),
    answer: triggerWithTextSchema,
    status: 201,
    handle: async (call) => {
      const { tenantId, actor, body } = call;
      const checked = checkText(body.text, parts.refuseUrl);
      const { name } = checked.definition;
      const id = makeId('trg');
      await parts.db.transaction(async (tx) => {
        const record = { id, tenantId, name, ...checked, by: actor };
        if (!(await recordSavedTrigger(tx, record))) {
          const detail = `The trigger "${name}" exists: change that one, or choose another name`;
          throw new Problem('trigger-name-taken', detail);
        }
        const what = { action: 'trigger.save', subject: id, detail: { name, revision: 1 } };
        await recordAudit(tx, auditEntry(call, what));
      });
      await parts.onTriggersChange();
      return readTrigger(parts.db, { tenantId, id });
    },
    head: ({ id }) => ({ status: 201, location: `/v1/triggers/${id}` }),
  });
}

const changeSchema = z.strictObject({
  text: textSchema,
  revision: z.int().min(1).optional().meta({
    description: 'The one that was edited: 409 when it is not the current one any more',
  }),
});

function changeRoute(parts: TriggerSaveParts): MountableRoute {
  return route({
    method: 'put',
    path: '/v1/triggers/{id}',
    summary: 'Save a new revision of a trigger; the same text makes none',
    body: changeSchema,
    answer: triggerWithTextSchema,
    handle: async (call) => {
      const { tenantId, id, body } = call;
      const checked = checkText(body.text, parts.refuseUrl);
      await parts.db.transaction(async (tx) =>
        change(tx, call, { ...checked, from: body.revision }),
      );
      await parts.onTriggersChange();
      return readTrigger(parts.db, { tenantId, id });
    },
  });
}

async function change(
  tx: Knex,
  call: Caller,
  saved: CheckedText & { readonly from: number | undefined },
): Promise<void> {
  const trigger = ownText(await lockOwn(tx, call));
  refuseStale(trigger, saved.from);
  refuseRename(trigger, saved);
  const revision = await addRevision(tx, trigger, { ...saved, by: call.actor });
  if (revision === trigger.revision) return;
  const detail = { name: trigger.name, revision };
  await recordAudit(tx, auditEntry(call, { action: 'trigger.save', subject: call.id, detail }));
}

/** Nobody writes over what he has not seen. */
function refuseStale({ name, revision }: TriggerRow, from: number | undefined): void {
  if (from === undefined || from === revision) return;
  const detail = `Trigger "${name}" is at revision ${revision} by now, not ${from}: read it again`;
  throw new Problem('trigger-changed', detail);
}

/** Runs and dead letters of the past name it. */
function refuseRename({ name }: TriggerRow, { definition, text }: CheckedText): void {
  if (definition.name === name) return;
  const { line, column } = placeOfName(text);
  const place = `line ${line}, column ${column}: trigger`;
  const what = `The name must stay "${name}": save "${definition.name}" as a new trigger`;
  throw invalid([{ pointer: '/text', detail: `${place}: ${what}` }]);
}

function switchRoutes(parts: TriggerSaveParts): MountableRoute[] {
  const answer = triggerWithTextSchema;
  const switched = async (call: Caller, act: (tx: Knex, call: Caller) => Promise<void>) => {
    await parts.db.transaction(async (tx) => act(tx, call));
    await parts.onTriggersChange();
    return readTrigger(parts.db, call);
  };
  return [
    route({
      method: 'post',
      path: '/v1/triggers/{id}/disable',
      summary: 'Let a trigger fire no more, until it is enabled',
      answer,
      handle: async (call) => switched(call, disable),
    }),
    route({
      method: 'post',
      path: '/v1/triggers/{id}/enable',
      summary: 'Let a trigger fire again that was disabled, or that the platform holds',
      answer,
      handle: async (call) => switched(call, enable),
    }),
  ];
}

async function disable(tx: Knex, call: Caller): Promise<void> {
  const { name, is_active: isActive } = ownText(await lockOwn(tx, call));
  if (!isActive) return;
  await setTrigger(tx, call.id, { is_active: false });
  const what = { action: 'trigger.disable', subject: call.id, detail: { name } };
  await recordAudit(tx, auditEntry(call, what));
}

/** What the platform holds is let go, wherever its text is; else only what was disabled here is enabled. */
async function enable(tx: Knex, call: Caller): Promise<void> {
  const trigger = await lockOwn(tx, call);
  const { name, quarantine } = trigger;
  if (quarantine === null) ownText(trigger);
  if (quarantine === null && trigger.is_active) return;
  const is_active = trigger.file === null || trigger.is_active;
  await setTrigger(tx, call.id, { is_active, quarantine: null });
  const what = { action: 'trigger.enable', subject: call.id, detail: { name, quarantine } };
  await recordAudit(tx, auditEntry(call, what));
}

async function lockOwn(tx: Knex, { id, tenantId }: Caller): Promise<TriggerRow> {
  return found(await lockTrigger(tx, id, tenantId), 'trigger', id);
}

/** @throws Problem `trigger-is-a-file` */
function ownText(trigger: TriggerRow): TriggerRow {
  if (trigger.file === null) return trigger;
  const detail = `Trigger "${trigger.name}" comes from the file "${trigger.file}": change it there`;
  throw new Problem('trigger-is-a-file', detail);
}
