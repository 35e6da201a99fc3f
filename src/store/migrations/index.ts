import type { Knex } from 'knex';
import * as initial from './0001-initial.ts';
import * as rejectedRequests from './0002-rejected-requests.ts';
import * as access from './0003-access.ts';
import * as deadLetters from './0004-dead-letters.ts';
import * as endpoints from './0005-endpoints.ts';
import * as lists from './0006-lists.ts';
import * as replays from './0007-replays.ts';
import * as runGuards from './0008-run-guards.ts';
import * as triggers from './0009-triggers.ts';
import * as sessions from './0010-sessions.ts';
import * as importsAndBudgets from './0011-imports-and-budgets.ts';
import * as endpointSettings from './0012-endpoint-settings.ts';
import * as endpointHealth from './0013-endpoint-health.ts';
import * as endpointLimits from './0014-endpoint-limits.ts';
import * as steering from './0015-steering.ts';
import * as publishing from './0016-publishing.ts';
import * as replayTargets from './0017-replay-targets.ts';
import * as maintenance from './0018-maintenance.ts';
import * as retention from './0019-retention.ts';
import * as deadLetterLists from './0020-dead-letter-lists.ts';
import * as importEnds from './0021-import-ends.ts';

/** In order, by name and without a file extension: the same list under tsx and from dist. */
const migrations: Readonly<Record<string, Knex.Migration>> = {
  '0001-initial': initial,
  '0002-rejected-requests': rejectedRequests,
  '0003-access': access,
  '0004-dead-letters': deadLetters,
  '0005-endpoints': endpoints,
  '0006-lists': lists,
  '0007-replays': replays,
  '0008-run-guards': runGuards,
  '0009-triggers': triggers,
  '0010-sessions': sessions,
  '0011-imports-and-budgets': importsAndBudgets,
  '0012-endpoint-settings': endpointSettings,
  '0013-endpoint-health': endpointHealth,
  '0014-endpoint-limits': endpointLimits,
  '0015-steering': steering,
  '0016-publishing': publishing,
  '0017-replay-targets': replayTargets,
  '0018-maintenance': maintenance,
  '0019-retention': retention,
  '0020-dead-letter-lists': deadLetterLists,
  '0021-import-ends': importEnds,
};

export const migrationSource: Knex.MigrationSource<string> = {
  getMigrations: async () => Object.keys(migrations),
  getMigrationName: (name) => name,
  getMigration: async (name) => {
    const migration = migrations[name];
    if (!migration) throw new Error(`There is no migration "${name}"`);
    return migration;
  },
};
