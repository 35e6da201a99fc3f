/** An event type as GitLab and Gitee write it in a header: `merge_request` is `Merge Request Hook`. */
export function hookName(type: string): string {
  const words = type.split('_').map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`);
  return [...words, 'Hook'].join(' ');
}

/** The event type that such a header names: `Merge Request Hook` is `merge_request`. */
export function hookType(name: string): string {
  return name
    .replace(/ Hook$/, '')
    .toLowerCase()
    .replaceAll(/[ \t]/g, '_');
}
