import { watchEndpoints } from './endpoint-watch.ts';
import type { EndpointWatchParts } from './endpoint-watch.ts';
import { pokeDeliveries } from './poke-deliveries.ts';
import type { PokeParts } from './poke-deliveries.ts';
import { makeSweeper } from './sweeper.ts';
import type { Sweeper, SweeperParts } from './sweeper.ts';

/** What the two that look for work need. */
export type OutboxParts = Omit<EndpointWatchParts, 'wake'> &
  Pick<SweeperParts, 'starter'> &
  Pick<PokeParts, 'client'>;

/** Finds work that nobody does yet: rows that are not started or told of, and endpoints that fail. */
export function openOutbox(parts: OutboxParts): Sweeper {
  const { db, starter, client, log, publish, probeIntervalMs } = parts;
  const poke = () => pokeDeliveries({ db, client, log });
  const sweeper = makeSweeper({ db, starter, poke, log });
  const wake = (): void => sweeper.wake();
  const watch = watchEndpoints({ db, log, publish, wake, probeIntervalMs });
  return {
    wake,
    async close() {
      await watch.close();
      await sweeper.close();
    },
  };
}
