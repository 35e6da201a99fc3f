const units = [
  ['GiB', 1_073_741_824],
  ['MiB', 1_048_576],
  ['KiB', 1024],
] as const;

/** A number of bytes: `812 B`, `4.2 KiB`, `5 MiB`, `1.5 GiB`. */
export function sizeWords(bytes: number): string {
  for (const [unit, length] of units) {
    if (bytes >= length) return `${Math.round((bytes / length) * 10) / 10} ${unit}`;
  }
  return `${bytes} B`;
}
