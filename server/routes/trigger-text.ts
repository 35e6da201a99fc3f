import type { Knex } from 'knex';
import { z } from 'zod';
import { automationNames } from '../../src/domain/automation-names.ts';
import type { TriggerDefinition } from '../../src/domain/trigger.ts';
import { checkTriggerFile } from '../../src/runtime/trigger-file.ts';
import type { CheckedTriggerFile } from '../../src/runtime/trigger-file.ts';
import type { TriggerProblem } from '../../src/runtime/trigger-problems.ts';
import { readTriggerYaml, textMaxBytes } from '../../src/runtime/trigger-yaml.ts';
import { findTrigger } from '../../src/store/triggers.ts';
import type { TriggerWithDefinition } from '../../src/store/triggers.ts';
import { invalid } from '../route.ts';
import type { Call } from '../route.ts';
import { found } from './answers.ts';

/** What a trigger says, as YAML: one file of it. */
export const textSchema = z.string().max(textMaxBytes);

export type RefuseUrl = (raw: string) => string | undefined;

/** A text that is a trigger. */
export interface CheckedText {
  readonly text: string;
  readonly definition: TriggerDefinition;
}

/** Stands for the file in what is said of a text. */
const place = 'text';

/** Read and check a text as a trigger file is. */
export function readText(text: string, refuseUrl: RefuseUrl): CheckedTriggerFile {
  const known = { automations: automationNames, refuseUrl };
  return checkTriggerFile(place, Buffer.from(text), known);
}

/** @throws Problem `invalid-request` with every mistake: its line, its column, and what to change */
export function checkText(text: string, refuseUrl: RefuseUrl): CheckedText {
  const checked = readText(text, refuseUrl);
  if ('problems' in checked) throw invalid(checked.problems.map(toItem));
  return { text, definition: checked.definition };
}

/** As `checkText`, without the text. */
export function toDefinition(text: string, refuseUrl: RefuseUrl): TriggerDefinition {
  return checkText(text, refuseUrl).definition;
}

/**
 * A trigger of the caller, and what it says; with a text, what that says.
 *
 * @throws Problem `not-found`; `invalid-request` for a text that is no trigger, and without one where
 *   the trigger was never good
 */
export async function findOwnDefinition(
  { db, refuseUrl }: { readonly db: Knex; readonly refuseUrl: RefuseUrl },
  { tenantId, id }: Pick<Call<unknown, unknown>, 'tenantId' | 'id'>,
  text: string | undefined,
): Promise<{ trigger: TriggerWithDefinition; definition: TriggerDefinition }> {
  const trigger = found(await findTrigger(db, id, tenantId), 'trigger', id);
  const definition = text === undefined ? definitionOf(trigger) : toDefinition(text, refuseUrl);
  if (definition) return { trigger, definition };
  const detail = `Trigger "${trigger.name}" was never good: give a text`;
  throw invalid([{ pointer: '/text', detail }]);
}

/** What the current revision says; undefined where the trigger was never good. */
export function definitionOf({ definition }: TriggerWithDefinition): TriggerDefinition | undefined {
  return definition as TriggerDefinition | undefined; // Checked when it was stored.
}

/** Where a text says the name of its trigger. */
export function placeOfName(text: string): { line: number; column: number } {
  const yaml = readTriggerYaml(place, Buffer.from(text));
  return 'problems' in yaml ? { line: 1, column: 1 } : yaml.positionOf(['trigger']);
}

function toItem(problem: TriggerProblem): { pointer: string; detail: string } {
  const { line, column, path, message } = problem;
  const what = path === '' ? message : `${path}: ${message}`;
  return { pointer: '/text', detail: `line ${line}, column ${column}: ${what}` };
}
