/** The workflow of a delivery's cycle is to be told that there is something new of it in PostgreSQL. */
export interface DeliveryPokeRow {
  delivery_id: string;
  cycle: number;
  /** Counts what was noted since it was last told: who tells it takes away no more than it saw. */
  pokes: number;
  /** Not needed once an attempt of a higher number is recorded; null = needed in any case. */
  after_number: number | null;
  /** When the next process may take it. */
  due_at: Date;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    delivery_pokes: DeliveryPokeRow;
  }
}
