import type { Knex } from 'knex';
import { deliveryKey } from './deliveries.ts';
import type { EndpointRow } from './delivery-tables.ts';
import { at, callWaiting, databaseClock, lockLimits, ms } from './turn-queue.ts';
import type { Clock, TurnCycle } from './turn-queue.ts';

/** Which limit a delivery waits for. */
export type TurnReason = 'rate_limited' | 'in_flight_limit';

/** Deliveries to one endpoint that want to POST. */
export interface Asking {
  readonly deliveries: readonly TurnCycle[];
  readonly endpoint: Pick<EndpointRow, 'id' | 'rate_limit' | 'in_flight_max'>;
  /** How long POST and record may take: after that its place is another's. */
  readonly placeMs: number;
}

/** What one delivery is told. */
export interface TurnAnswer {
  /** Until it may POST, or is to ask again. */
  readonly waitMs: number;
  /** What it waits for before it asks again; null = it may POST after the wait, which is short. */
  readonly reason: TurnReason | null;
}

export interface TurnAnswers {
  /** One per delivery, in their order. */
  readonly answers: readonly TurnAnswer[];
  /** Others that have a place now, and are to be told. */
  readonly called: readonly TurnCycle[];
}

/** Shorter waits cost less where they are than a timer in Temporal. */
export const shortMs = 50;

/**
 * One that comes too late for its instant waits where it is rather than for another timer, which may
 * ring as late again: of a worker that is busy, all come late and at once, and the rate would not be
 * used up. No longer than this, and no more than so many of an endpoint: each holds a slot of the worker.
 */
const overdueMs = 2000;
const overdueMax = 20;

/** How far POSTs that come late may catch up: a worker that stood still must not flood a consumer. */
const catchUpMs = 1000;

/** How long a place is kept for one that comes at its instant: well above how late a timer rings. */
const lateMs = 5000;

/**
 * Those that wait for a place are told when there is one. That may be lost, so they ask by
 * themselves: the first after this time, the others later, since their turn comes later.
 */
const askAgainMs = 10_000;
const askAgainPerPlaceMs = 1000;
const placesMax = 600;

/**
 * Ask for the turns of deliveries within the limits of their endpoint. Safe to repeat: a place or an
 * instant that one was given, it keeps; only "now" is to be asked for once per POST.
 *
 * First a place, in the order of arrival, and then the rate: the POST is made at the instant that the
 * rate gives. Each has its own instant, one step after the one before, so that none asks in vain. One
 * that comes late may go when no more than a second's worth has gone ahead of the rate: now, or after
 * a wait that is not long; else it is given a new instant.
 */
export async function askTurns(
  db: Knex,
  asking: Asking,
  clock: Clock = databaseClock,
): Promise<TurnAnswers> {
  return db.transaction(async (tx) => {
    const sentUntil = await lockLimits(tx, asking.endpoint);
    const now = await clock(tx);
    const standing = { now, sentUntil, ...(await readStanding(tx, asking, now)) };
    const { isIn, called } = await takePlaces(tx, asking, standing);
    const rated = giveInstants(asking, standing, isIn);
    await setTurns(tx, asking, rated);
    const ranks = await listRanks(tx, asking, rated);
    const answers = rated.map(({ delivery, kind, waitMs }): TurnAnswer => {
      if (kind === 'go') return { waitMs, reason: null };
      if (kind === 'planned') return { waitMs, reason: 'rate_limited' };
      const ahead = ranks.get(nameOf(delivery)) ?? placesMax;
      return { waitMs: askAgainMs + ahead * askAgainPerPlaceMs, reason: 'in_flight_limit' };
    });
    return { answers, called };
  });
}

/** What a delivery was given when it asked before. Instants in milliseconds since 1970. */
interface Given {
  readonly goAt: number | null;
  readonly hasPlace: boolean;
}

/** How things stand for those that ask. */
interface Standing {
  readonly now: number;
  /** When what was let go is due at the endpoint's rate. */
  readonly sentUntil: number;
  /** How many places are taken. */
  readonly taken: number;
  /** The last instant that anyone was given. */
  readonly tail: number | null;
  readonly given: ReadonlyMap<string, Given>;
}

async function readStanding(
  tx: Knex,
  { deliveries, endpoint }: Asking,
  now: number,
): Promise<Pick<Standing, 'taken' | 'tail' | 'given'>> {
  const { rows } = await tx.raw<{ rows: [Pick<Standing, 'taken' | 'tail'> & { own: OwnTurn[] }] }>(
    `select
       (select count(*)::integer from delivery_turns
        where endpoint_id = :endpointId and place_until > ${at(':now')}) as taken,
       (select ${ms('max(go_at)')} from delivery_turns where endpoint_id = :endpointId) as tail,
       (select coalesce(json_agg(json_build_object('id', t.delivery_id, 'cycle', t.cycle,
           'goAt', ${ms('t.go_at')}, 'hasPlace', coalesce(t.place_until > ${at(':now')}, false))), '[]')
        from json_to_recordset(:asked) as a(id text, cycle integer)
        join delivery_turns t on t.delivery_id = a.id and t.cycle = a.cycle) as own`,
    { asked: JSON.stringify(deliveries), endpointId: endpoint.id, now },
  );
  const [{ taken, tail, own }] = rows;
  return { taken, tail, given: new Map(own.map((turn) => [nameOf(turn), turn])) };
}

type OwnTurn = TurnCycle & Given;

/** The first by arrival get the free places; those of them that are not here are called. */
async function takePlaces(
  tx: Knex,
  { deliveries, endpoint }: Asking,
  { now, taken, given }: Standing,
): Promise<{ readonly isIn: (delivery: TurnCycle) => boolean; readonly called: TurnCycle[] }> {
  const { id: endpointId, in_flight_max: max } = endpoint;
  if (max === null) return { isIn: () => true, called: [] };
  const without = deliveries.filter((delivery) => given.get(nameOf(delivery))?.hasPlace !== true);
  const known = without.filter((delivery) => given.has(nameOf(delivery)));
  if (known.length > 0) {
    const lapsed = tx('delivery_turns').whereIn(['delivery_id', 'cycle'], known.map(keyOf));
    await lapsed.update({ go_at: null, place_until: null }); // Else they are not among those that wait.
  }
  const free = max - taken;
  const first = await callWaiting(tx, { endpointId, free, now });
  const asked = new Set(deliveries.map(nameOf));
  const fresh = without.filter((delivery) => !given.has(nameOf(delivery)));
  const left = Math.max(free - first.length, 0);
  const out = new Set(without.map(nameOf));
  for (const delivery of [...first, ...fresh.slice(0, left)]) out.delete(nameOf(delivery));
  return {
    isIn: (delivery) => !out.has(nameOf(delivery)),
    called: first.filter((delivery) => !asked.has(nameOf(delivery))),
  };
}

/** What a delivery is told, as it is written down. Instants in milliseconds since 1970. */
interface Told {
  readonly delivery: TurnCycle;
  readonly kind: 'go' | 'planned' | 'placeless';
  readonly waitMs: number;
  /** Its row from now on; null = it needs none. */
  readonly row: { readonly goAt: number | null; readonly placeUntil: number | null } | null;
  /** Of one that goes, when the endpoint's rate is used up until. */
  readonly sentUntil?: number;
}

/** In the order in which they ask. */
function giveInstants(
  asking: Asking,
  standing: Standing,
  isIn: (delivery: TurnCycle) => boolean,
): readonly Told[] {
  const { now } = standing;
  const isPlaced = asking.endpoint.in_flight_max !== null;
  let { tail, sentUntil } = standing;
  return asking.deliveries.map((delivery): Told => {
    if (!isIn(delivery)) {
      return { delivery, kind: 'placeless', waitMs: 0, row: { goAt: null, placeUntil: null } };
    }
    const { goAt, hereMs } = instantOf(asking, { ...standing, tail, sentUntil }, delivery);
    const waitMs = goAt - now;
    if (waitMs > hereMs) {
      tail = Math.max(tail ?? 0, goAt);
      const placeUntil = isPlaced ? goAt + lateMs : null;
      return { delivery, kind: 'planned', waitMs, row: { goAt, placeUntil } };
    }
    sentUntil = Math.max(sentUntil, goAt) + stepMs(asking);
    const row = isPlaced ? { goAt: null, placeUntil: goAt + asking.placeMs } : null;
    return { delivery, kind: 'go', waitMs, row, sentUntil };
  });
}

/** When it may POST by the rate, `now` or later, and which wait until then is not worth a timer. */
function instantOf(
  asking: Asking,
  { now, tail, sentUntil, given }: Standing,
  delivery: TurnCycle,
): { readonly goAt: number; readonly hereMs: number } {
  if (asking.endpoint.rate_limit === null) return { goAt: now, hereMs: shortMs };
  const step = stepMs(asking);
  const goAt = given.get(nameOf(delivery))?.goAt ?? null;
  if (goAt !== null && goAt > now) return { goAt, hereMs: shortMs };
  const soonest = Math.max(now, sentUntil - catchUpMs);
  const hereMs = Math.min(overdueMs, overdueMax * step);
  if (goAt !== null && soonest - now <= hereMs) return { goAt: soonest, hereMs };
  const next = Math.max(now, tail === null ? now : tail + step, sentUntil);
  return { goAt: next, hereMs: shortMs };
}

/** The time that one POST takes of the rate. */
function stepMs({ endpoint }: Asking): number {
  return endpoint.rate_limit === null ? 0 : 1000 / endpoint.rate_limit;
}

async function setTurns(
  tx: Knex,
  { endpoint, deliveries }: Asking,
  told: readonly Told[],
): Promise<void> {
  const sentUntil = told.findLast(({ kind }) => kind === 'go')?.sentUntil;
  if (sentUntil !== undefined && endpoint.rate_limit !== null) {
    await tx.raw(`update endpoint_limits set sent_until = ${at('?')} where endpoint_id = ?`, [
      sentUntil,
      endpoint.id,
    ]);
  }
  const rows = new Map(
    told.flatMap(({ delivery, row }) =>
      row === null
        ? []
        : [[nameOf(delivery), { ...delivery, ...row, at: deliveryKey(delivery.id).created_at }]],
    ),
  );
  const rowless = deliveries.filter((delivery) => !rows.has(nameOf(delivery)));
  if (rowless.length > 0) {
    await tx('delivery_turns').whereIn(['delivery_id', 'cycle'], rowless.map(keyOf)).del();
  }
  if (rows.size === 0) return;
  await tx.raw(
    `insert into delivery_turns
       (delivery_id, cycle, delivery_created_at, endpoint_id, asked_at, go_at, place_until)
     select id, cycle, at, :endpointId, clock_timestamp(), ${at('"goAt"')}, ${at('"placeUntil"')}
     from json_to_recordset(:rows)
       as r(id text, cycle integer, at timestamptz, "goAt" float8, "placeUntil" float8)
     order by id
     on conflict (delivery_id, cycle)
     do update set go_at = excluded.go_at, place_until = excluded.place_until`,
    { endpointId: endpoint.id, rows: JSON.stringify([...rows.values()]) },
  );
}

/** How many wait for a place before each that does; one that is not in it has very many before it. */
async function listRanks(
  tx: Knex,
  { endpoint }: Asking,
  told: readonly Told[],
): Promise<ReadonlyMap<string, number>> {
  if (told.every(({ kind }) => kind !== 'placeless')) return new Map();
  const rows: { delivery_id: string; cycle: number }[] = await tx('delivery_turns')
    .where({ endpoint_id: endpoint.id })
    .whereNull('go_at')
    .whereNull('place_until')
    .orderBy(['asked_at', 'delivery_id'])
    .limit(placesMax)
    .select('delivery_id', 'cycle');
  return new Map(
    rows.map(({ delivery_id: id, cycle }, index) => [nameOf({ id, cycle }), index] as const),
  );
}

function keyOf({ id, cycle }: TurnCycle): [string, number] {
  return [id, cycle];
}

/** One name for a cycle, to look it up by. */
function nameOf({ id, cycle }: TurnCycle): string {
  return `${id} ${cycle}`;
}
