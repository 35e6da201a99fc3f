import { z } from 'zod';
import { catalog, customType, nearestEventType } from '../../src/domain/catalog.ts';
import { isOperationalType } from '../../src/domain/operational-events.ts';
import { route } from '../route.ts';
import type { Mistake, MountableRoute } from '../route.ts';
import { pageOf } from './answers.ts';

const eventTypeSchema = z
  .object({
    type: z.string(),
    description: z.string(),
    when: z.string(),
    is_verbose: z
      .boolean()
      .meta({ description: 'Only endpoints that name it get it; a glob does not bring it' }),
    is_operational: z.boolean().meta({
      description: 'Of the platform itself: only endpoints that name it, or its beginning, get it',
    }),
    example: z.unknown(),
    schema: z.unknown().meta({ description: 'JSON Schema of `data`' }),
  })
  .meta({ id: 'EventType', description: 'A type of event that the platform publishes.' });

export function eventTypeRoutes(): MountableRoute[] {
  const data = Object.entries(catalog).map(([type, entry]) => ({
    type,
    description: entry.summary,
    when: entry.when,
    is_verbose: entry.isVerbose,
    is_operational: isOperationalType(type),
    example: entry.example,
    schema: z.toJSONSchema(entry.data),
  }));
  return [
    route({
      method: 'get',
      path: '/v1/event-types',
      summary: 'List the catalog of event types',
      answer: pageOf(eventTypeSchema),
      handle: async () => ({ data, next_cursor: null }),
    }),
  ];
}

/** `*`, or a beginning followed by `.*`: `session.*`. */
const globType = /^(?:\*|(?:[a-z][a-z0-9_]*\.)+\*)$/;

/** What no event will ever have as its type, each with the nearest that exists. */
export function eventTypeMistakes(wanted: readonly string[]): Mistake[] {
  return wanted.flatMap((type, index): Mistake[] => {
    if (Object.hasOwn(catalog, type) || customType.test(type) || globType.test(type)) return [];
    return [{ path: [index], message: adviceFor(type), code: 'unknown-event-type' }];
  });
}

function adviceFor(type: string): string {
  const nearest = nearestEventType(type);
  const hint =
    nearest === undefined ? 'GET /v1/event-types lists them' : `Did you mean "${nearest}"?`;
  return `There is no event type "${type}". ${hint}`;
}
