import ipaddr from 'ipaddr.js';

/** How often an address is told that a login link is not good. */
export interface LoginRate {
  /**
   * Count one that was tried and not good. A good one is never counted nor refused: behind a proxy
   * all people have one address.
   *
   * @returns 0, or the seconds to wait when there were too many
   */
  fail(ip: string): number;
}

/** A person mistypes a few times; a token can't be guessed, so more would change little. */
const failuresMax = 10;

const windowMs = 60_000;

/** Addresses that are remembered at once, a few MiB. Beyond it the oldest one starts afresh. */
const addressesMax = 10_000;

export function makeLoginRate(now: () => Date): LoginRate {
  // In the order in which windows began: the first one ends first.
  const windows = new Map<string, { failures: number; readonly endsAt: number }>();

  function openWindow(address: string, at: number): { failures: number; readonly endsAt: number } {
    const open = windows.get(address);
    if (open && open.endsAt > at) return open;
    windows.delete(address);
    if (windows.size >= addressesMax) windows.delete(windows.keys().next().value ?? '');
    const made = { failures: 0, endsAt: at + windowMs };
    windows.set(address, made);
    return made;
  }

  return {
    fail(ip) {
      const at = now().getTime();
      const open = openWindow(addressOf(ip), at);
      if (open.failures >= failuresMax) return Math.ceil((open.endsAt - at) / 1000);
      open.failures += 1;
      return 0;
    },
  };
}

/** One person has a whole /64 of IPv6: it counts as one address. */
function addressOf(ip: string): string {
  if (!ipaddr.isValid(ip)) return '';
  const address = ipaddr.process(ip);
  return address.toByteArray().slice(0, 8).join('.');
}
