const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A whole number and its unit: `500ms`, `2s`, `10m`, `1h`, `30d`. */
export const durationPattern = /^(\d{1,9})(ms|s|m|h|d)$/;

/** The milliseconds of a duration as `10m`; `undefined` for another text. */
export function durationMs(text: string): number | undefined {
  const [, amount, unit = ''] = durationPattern.exec(text) ?? [];
  const factor = unitMs[unit];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

/** A duration in its largest whole unit: `10m`, not `600s`. */
export function durationText(ms: number): string {
  if (ms === 0) return '0s';
  const [unit = 'ms', factor = 1] =
    Object.entries(unitMs).findLast(([, candidate]) => ms % candidate === 0) ?? [];
  return `${ms / factor}${unit}`;
}
