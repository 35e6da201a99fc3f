import type { Knex } from 'knex';
import { Problem } from '../../src/domain/problem.ts';
import { listRedriveNotes } from '../../src/store/redrive-notes.ts';
import type { Redrivable } from '../../src/store/redrive-notes.ts';

/** @throws Problem `redrive-refused` when the next cycle could only end without an attempt or a run */
export async function refuseUnsendable(tx: Knex, subject: Redrivable): Promise<void> {
  const { refused } = await listRedriveNotes(tx, [subject]);
  const reason = refused.get(subject.id);
  if (reason !== undefined) throw new Problem('redrive-refused', `"${subject.id}": ${reason}`);
}
