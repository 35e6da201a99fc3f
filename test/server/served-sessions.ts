import type { Knex } from 'knex';
import { makePublish } from '../../src/runtime/publish.ts';
import type { Publish } from '../../src/runtime/publish.ts';
import { makeRecorder } from '../../src/runtime/recorder.ts';
import { freshDatabase } from '../support/database.ts';
import { serveApi } from './served-api.ts';
import type { ServedApi } from './served-api.ts';

/** The API with what publishes for real: events are recorded, nothing is started. */
export async function servePublishing(over?: Knex): Promise<ServedApi> {
  const db = over ?? (await freshDatabase());
  return serveApi({ db, publish: publishFor(db) });
}

export function publishFor(db: Knex): Publish {
  const starter = { start: async () => true, close: async () => undefined };
  const triggers = { plan: () => [] };
  return makePublish({ db, recorder: makeRecorder(db), starter, triggers });
}

/** A new session of the tenant of `call`: where it lives. */
export async function openSession(api: ServedApi, over: object = {}): Promise<string> {
  const session = { name: 'code-review', user_id: 'lwei', ...over };
  const { body } = await api.call('POST', '/v1/sessions', session);
  return `/v1/sessions/${String(body['id'])}`;
}

/** What was published about a session, oldest first: type and data. */
export async function publishedOf(
  api: ServedApi,
  path: string,
): Promise<[type: string, data: Record<string, unknown>][]> {
  const rows = await api
    .db('events')
    .where({ direction: 'outbound' })
    .orderBy(['received_at', 'type']);
  return rows
    .map(({ type, body }): [string, Record<string, unknown>] => [
      type,
      (JSON.parse(body.toString('utf8')) as { data: Record<string, unknown> }).data,
    ])
    .filter(([, data]) => data['session_id'] === path.split('/').at(-1));
}

/** Its entries, oldest first. */
export async function entriesOf(api: ServedApi, path: string): Promise<Record<string, unknown>[]> {
  const { body } = await api.call('GET', `${path}/entries?limit=200`);
  return body['data'] as Record<string, unknown>[];
}
