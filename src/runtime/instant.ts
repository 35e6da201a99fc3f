const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A day (UTC), or a time with its zone: without one it would be the zone of whoever runs this. */
const rfc3339 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/i;

/**
 * Read an instant: RFC 3339, or a time from now as `-1h`, `-90s`, `-7d`.
 *
 * @throws Error saying what can be written
 */
export function instantFrom(text: string, now: Date): Date {
  const [, amount, unit] = /^-(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount !== undefined && isUnit(unit))
    return new Date(now.getTime() - Number(amount) * unitMs[unit]);
  const parsed = new Date(text);
  if (rfc3339.test(text) && !Number.isNaN(parsed.getTime())) return parsed;
  throw new Error(`"${text}" is no instant: write -1h, -30m, -7d or 2026-01-31T12:00:00Z`);
}

function isUnit(text: string | undefined): text is keyof typeof unitMs {
  return text !== undefined && text in unitMs;
}
