import type { Knex } from 'knex';
import type { Target } from './attempt-target.ts';

/** Whether an attempt may be made now. */
export interface Turn {
  /** 0 = now; else nothing was taken, and it is to be asked for again then. */
  readonly waitMs: number;
  /** To be called when the POST has ended. */
  leave(): Promise<void>;
}

/** Take a place within the limits of an endpoint. */
export async function takeTurn(_db: Knex, _target: Target): Promise<Turn> {
  return { waitMs: 0, leave: async () => undefined };
}
