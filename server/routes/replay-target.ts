import type { Knex } from 'knex';
import type { ReplayFilter, ReplayMode } from '../../src/domain/replay.ts';
import type { EndpointRow } from '../../src/store/delivery-tables.ts';
import { findEndpoint } from '../../src/store/endpoints.ts';
import { invalid } from '../route.ts';
import { faultOf, toFilter } from './replay-request.ts';
import type { ReplayRequest } from './replay-request.ts';

/** What a request asks to be started again, and how. */
export interface Asked {
  readonly filter: ReplayFilter;
  readonly mode: ReplayMode;
}

/**
 * A request with what its endpoint asks for at this moment: a later change does not change what was
 * counted.
 *
 * @throws Problem `invalid-request` when the endpoint is not there or takes nothing
 */
export async function readAsked(db: Knex, body: ReplayRequest, tenantId: string): Promise<Asked> {
  const filter = toFilter(body);
  const { target } = body;
  if (target.kind === 'original') {
    return { filter, mode: { targetEndpointId: null, ids: body.ids ?? 'keep' } };
  }
  const endpoint = await findTarget(db, target.endpoint_id, tenantId);
  const mode = { targetEndpointId: endpoint.id, ids: 'new' } as const;
  if (target.ignore_subscription) return { filter, mode };
  const { event_types: eventTypes, filter: expression } = endpoint;
  return { filter: { ...filter, subscription: { eventTypes, expression } }, mode };
}

/** A paused one will do: what it gets waits for it. */
async function findTarget(db: Knex, id: string, tenantId: string): Promise<EndpointRow> {
  const endpoint = await findEndpoint(db, id, tenantId);
  if (!endpoint) throw refused(`No endpoint has the id "${id}"`);
  if (endpoint.state === 'disabled') throw refused('Is disabled: enable it first');
  const fault = endpoint.filter === null ? undefined : faultOf(endpoint.filter, 'outbound');
  if (fault !== undefined) throw refused(`Its own filter can't be used: ${fault}`);
  return endpoint;
}

function refused(detail: string): Error {
  return invalid([{ pointer: '/target/endpoint_id', detail }]);
}
