/**
 * The URL, when a click on it can only open a page: http(s), or a path of this host.
 *
 * @param origin - of this host, as `https://durahook.example`
 */
export function safeUrl(text: string, origin: string): string | undefined {
  try {
    const { protocol, href } = new URL(text, origin);
    return protocol === 'http:' || protocol === 'https:' ? href : undefined;
  } catch {
    return undefined;
  }
}
