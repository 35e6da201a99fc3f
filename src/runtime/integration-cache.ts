import type { ChannelName, Integration } from '../domain/channel.ts';

/**
 * How long another server's change (a revoked secret, say) is not seen here. Reading and opening the
 * secrets for each request would cost more than verifying it.
 */
const validMs = 1000;

/** Addresses nobody made are remembered, too: a stranger must not reach the database at will. */
const entriesMax = 10_000;

type Find = (channel: ChannelName, id: string | undefined) => Promise<Integration | undefined>;

interface Entry {
  readonly found: Promise<Integration | undefined>;
  readonly validUntil: number;
}

/** Remembers for a moment which integration is behind an address, or that none is. */
export interface IntegrationCache {
  readonly find: Find;
  /** Forget everything: something was changed here. */
  readonly forget: () => void;
}

export function makeIntegrationCache(find: Find): IntegrationCache {
  const entries = new Map<string, Entry>();

  function load(key: string, channel: ChannelName, id: string | undefined): Entry['found'] {
    const found = find(channel, id);
    const entry = { found, validUntil: performance.now() + validMs };
    entries.delete(key); // To the end of the order, in which the oldest is the first to go.
    entries.set(key, entry);
    found.catch(() => entries.delete(key));
    const [oldest] = entries.keys();
    if (entries.size > entriesMax && oldest !== undefined) entries.delete(oldest);
    return found;
  }

  return {
    find(channel, id) {
      const key = `${channel}/${id ?? ''}`;
      const entry = entries.get(key);
      if (entry && performance.now() < entry.validUntil) return entry.found;
      return load(key, channel, id);
    },
    forget: () => entries.clear(),
  };
}
