/** The rows of how far the tasks of maintenance have come. */
export interface MaintenancePositionRow {
  /** As `reconcile/closed`. */
  task: string;
  /** The task's own: an instant, or an id. */
  position: string;
}

declare module 'knex/types/tables.js' {
  interface Tables {
    maintenance_positions: MaintenancePositionRow;
  }
}
