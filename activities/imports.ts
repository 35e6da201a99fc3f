import { ApplicationFailure, heartbeat } from '@temporalio/activity';
import type { ImportActivities } from '../src/domain/import-activities.ts';
import {
  findImport,
  listImportErrors,
  setImportCompleted,
  takeItems,
} from '../src/store/imports.ts';
import type { ActivityParts } from './index.ts';

/** A page is one transaction of some 10 ms: short enough to hold nobody up. */
const pageItems = 100;

/** What imports ask for. */
export function makeImportActivities({
  db,
  publish,
}: Pick<ActivityParts, 'db' | 'publish'>): ImportActivities {
  return {
    async takeImport({ importId }) {
      while ((await takeItems(db, importId, pageItems)) > 0) heartbeat();
      const taken = await findImport(db, importId);
      if (!taken) throw new Error(`There is no import "${importId}"`);
      if (taken.state === 'cancelled' || taken.state === 'failed') {
        // Maintenance has given it its end: what was not taken by then is not taken any more.
        throw ApplicationFailure.nonRetryable(`Import "${importId}" is ${taken.state}`);
      }
      const { tenant_id: tenantId, source, taken_count: count, error_count } = taken;
      const errors = await listImportErrors(db, importId);
      await publish({
        tenantId,
        type: 'import.completed',
        data: {
          source,
          count,
          errors: errors.map(({ position, error }) => `/items/${position}: ${error}`),
          import_id: importId,
          error_count,
        },
        key: `${importId}/completed`,
      });
      await setImportCompleted(db, importId);
      return { count, errors: error_count };
    },
  };
}
