import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';
import type { Logger } from 'pino';
import { workflowIdOf } from '../domain/cycle.ts';
import { deliveryPoke } from '../domain/workflows.ts';
import type { DeliveryPokeRow } from '../store/poke-tables.ts';
import { claimPokes, setPoked } from '../store/pokes.ts';

/** A signal that takes longer is given up, and repeated after its lease. */
const signalDeadlineMs = 2000;

/** How many signals may be under way at once; more only queue up in Temporal. */
const pokesAtOnce = 32;

export interface PokeParts {
  readonly db: Knex;
  readonly client: Client;
  readonly log: Logger;
}

/**
 * Tell the workflows of deliveries what was noted for them: there is something new in your row.
 * Goes on until nothing is due or Temporal can't take it; what it can't is due again later.
 */
export async function pokeDeliveries(parts: PokeParts): Promise<void> {
  for (;;) {
    const pokes = await claimPokes(parts.db);
    if (pokes.length === 0) return;
    await setPoked(
      parts.db,
      pokes.filter(({ is_over }) => is_over),
    );
    const needed = pokes.filter(({ is_over }) => !is_over);
    if (!(await pokeEach(parts, needed))) return;
  }
}

/** @returns whether Temporal took them all */
async function pokeEach(parts: PokeParts, pokes: readonly DeliveryPokeRow[]): Promise<boolean> {
  for (let index = 0; index < pokes.length; index += pokesAtOnce) {
    const slice = pokes.slice(index, index + pokesAtOnce);
    const outcomes = await Promise.all(slice.map((each) => pokeDelivery(parts, each)));
    await setPoked(
      parts.db,
      slice.filter((_, i) => outcomes[i] === true),
    );
    if (outcomes.includes(false)) return false;
  }
  return true;
}

/**
 * Tell the workflow of a delivery's cycle to look at its row.
 *
 * @returns whether there is nothing left to tell it: it was told, or does not run
 */
export async function pokeDelivery(
  { client, log }: Omit<PokeParts, 'db'>,
  row: Pick<DeliveryPokeRow, 'delivery_id' | 'cycle'>,
): Promise<boolean> {
  const id = workflowIdOf(row.delivery_id, row.cycle);
  try {
    await client.withDeadline(Date.now() + signalDeadlineMs, () =>
      client.workflow.getHandle(id).signal(deliveryPoke),
    );
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    log.debug({ err: error, workflow: id }, 'Could not poke a delivery');
    return false;
  }
}
