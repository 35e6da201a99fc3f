/** Rows under their fields' names, in columns as wide as they need; a terminal's plain text. */
export function table(
  fields: readonly string[],
  rows: readonly Readonly<Record<string, unknown>>[],
): string {
  if (rows.length === 0) return 'Nothing there';
  const lines = [fields, ...rows.map((row) => fields.map((field) => cell(row[field])))];
  const widths = fields.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function cell(value: unknown): string {
  const text =
    typeof value === 'string'
      ? value
      : value === null || value === undefined
        ? '-'
        : JSON.stringify(value);
  return withoutControls(text);
}

/** Control characters of hostile data must not reach a terminal. */
export function withoutControls(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is taken out
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}
