import type { Knex } from 'knex';

/** A replay of dead deliveries that is through, and what was seen of it from outside. */
export interface Drilled {
  readonly replayId: string;
  readonly endpointId: string;
  /** Dead deliveries that there were. */
  readonly items: number;
  /** When each `webhook-id` came to the consumer, in milliseconds of a monotonic clock. */
  readonly arrivals: ReadonlyMap<string, readonly number[]>;
  /** When the worker was killed, by the same clock. */
  readonly kills: readonly number[];
}

export interface Check {
  readonly check: string;
  readonly wanted: number;
  readonly found: number;
}

/** A POST that a killed worker had sent may reach the consumer so long after the kill. */
const onTheWayMs = 1000;

/** What must hold of a replay, whatever was killed while it went: each with what was found. */
export async function checkReplay(db: Knex, drilled: Drilled): Promise<readonly Check[]> {
  const { items, arrivals } = drilled;
  const facts = await readFacts(db, drilled);
  return [
    { check: 'planned', wanted: items, found: facts.planned },
    { check: 'done', wanted: items, found: facts.done },
    { check: 'failed', wanted: 0, found: facts.failed },
    { check: 'items that opened cycle 2', wanted: items, found: facts.opened },
    { check: 'deliveries delivered in cycle 2', wanted: items, found: facts.delivered },
    { check: 'deliveries elsewhere', wanted: 0, found: facts.elsewhere },
    { check: 'cycles with one attempt answered 2xx', wanted: items, found: facts.accepted },
    { check: 'dead letters redriven', wanted: items, found: facts.redriven },
    { check: 'webhook-ids at the consumer', wanted: items, found: arrivals.size },
    { check: 'POSTs repeated without a kill', wanted: 0, found: unexplained(drilled) },
  ];
}

/** POSTs above one of each webhook-id. */
export function repeatedPosts({ arrivals }: Pick<Drilled, 'arrivals'>): number {
  return [...arrivals.values()].reduce((sum, { length }) => sum + length - 1, 0);
}

/** Those that no kill explains: it fell between a POST and the one after. */
function unexplained({ arrivals, kills }: Drilled): number {
  return [...arrivals.values()].reduce((sum, instants) => {
    const bad = instants.slice(1).filter((at, index) => {
      const before = instants[index] ?? 0;
      return !kills.some((kill) => before - onTheWayMs <= kill && kill <= at);
    });
    return sum + bad.length;
  }, 0);
}

interface Facts {
  readonly planned: number;
  readonly done: number;
  readonly failed: number;
  readonly opened: number;
  readonly delivered: number;
  readonly elsewhere: number;
  readonly accepted: number;
  readonly redriven: number;
}

async function readFacts(db: Knex, { replayId, endpointId }: Drilled): Promise<Facts> {
  const { rows } = await db.raw<{ rows: Facts[] }>(
    `with own as (select id, created_at, state, cycle from deliveries where endpoint_id = :endpointId),
     answered as (
       select own.id, count(*) filter (where a.status between 200 and 299) as accepted
       from own join attempts a on a.delivery_id = own.id
         and a.delivery_created_at = own.created_at and a.cycle = 2
       group by own.id)
     select planned, done, failed,
       (select count(*)::int from replay_items i join own on own.id = i.subject_id
        where i.replay_id = :replayId and i.cycle = 2 and i.failure is null) as opened,
       (select count(*)::int from own where state = 'delivered' and cycle = 2) as delivered,
       (select count(*)::int from own where state <> 'delivered' or cycle <> 2) as elsewhere,
       (select count(*)::int from answered where accepted = 1) as accepted,
       (select count(*)::int from failed_cycles f join own on own.id = f.subject_id
        where f.state = 'redriven') as redriven
     from replays where id = :replayId`,
    { replayId, endpointId },
  );
  const [facts] = rows;
  if (!facts) throw new Error(`There is no replay "${replayId}"`);
  return facts;
}
