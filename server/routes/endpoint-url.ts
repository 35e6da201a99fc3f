import { z } from 'zod';
import { addMistake } from '../route.ts';
import type { RefuseUrl } from './endpoint-answer.ts';

/** Neither seen nor to be told from others in a list: direction marks, line separators, half pairs. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Z}]/u;

/** A user that is empty is none to a parser, and no address to a person. */
const withUser = /^[^/?#]*:\/\/[^/?#]*@/;

/**
 * The URL that an endpoint is reached at, or the one that it gets its tokens from.
 *
 * @param code - of a request in which nothing else is wrong
 */
export function urlSchema(refuseUrl: RefuseUrl, code?: 'url-refused') {
  return z
    .string()
    .min(1)
    .max(2048)
    .check((payload) => {
      if (payload.issues.length > 0) return;
      const message = refuseUrl(payload.value) ?? whyNot(payload.value);
      if (message !== undefined) addMistake(payload, { message, ...(code && { code }) });
    });
}

/** What can be asked of no server, or is not what it looks like. */
function whyNot(url: string): string | undefined {
  if (unseen.test(url)) return 'The URL has characters that nobody sees: write them as %…';
  if (withUser.test(url)) return 'The URL must not carry a user or password';
  if (url.includes('#')) return 'The URL must not have a fragment (#…): it is never sent';
  return URL.canParse(url) && new URL(url).port === '0' ? 'The URL has port 0' : undefined;
}
