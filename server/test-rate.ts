/** How often each endpoint is sent a test event, by this server. */
export interface TestRate {
  /**
   * Count one that is to be sent.
   *
   * @returns 0, or the whole seconds to wait when there were too many: then it is not counted
   */
  take(endpointId: string): number;
}

/** A person looks at each outcome; more would make us a tool to flood a stranger's server with. */
const testsMax = 10;

const windowMs = 60_000;

/** Endpoints that are remembered at once, a few MiB. Beyond it the one tested longest ago starts afresh. */
const endpointsMax = 10_000;

export function makeTestRate(now: () => Date): TestRate {
  const sentAt = new Map<string, readonly number[]>(); // The endpoint tested longest ago is the first.
  return {
    take(endpointId) {
      const at = now().getTime();
      const recent = (sentAt.get(endpointId) ?? []).filter((each) => each > at - windowMs);
      const [oldest] = recent;
      if (oldest !== undefined && recent.length >= testsMax) {
        return Math.ceil((oldest + windowMs - at) / 1000);
      }
      sentAt.delete(endpointId);
      sentAt.set(endpointId, [...recent, at]);
      if (sentAt.size > endpointsMax) sentAt.delete(sentAt.keys().next().value ?? '');
      return 0;
    },
  };
}
