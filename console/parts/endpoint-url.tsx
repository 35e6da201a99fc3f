import type { JSX } from 'react';
import { AppLink } from './app-link.tsx';
import classes from './endpoint-url.module.css';
import { shortId } from './id.tsx';
import { pathOfId } from '../id-path.ts';
import { visibleLine } from './visible-text.ts';

/** An endpoint by its URL, on one line, as a link to its page; by its id when its URL is not known. */
export function EndpointUrl({
  id,
  url,
  isPlain = false,
}: {
  readonly id: string;
  readonly url: string | null;
  /** No link: in a cell that is a link already. */
  readonly isPlain?: boolean;
}): JSX.Element {
  const shown = url === null ? shortId(id) : visibleLine(url);
  const path = isPlain ? undefined : pathOfId(id);
  if (path === undefined) {
    return (
      <span className={classes.url} title={shown}>
        {shown}
      </span>
    );
  }
  return (
    <AppLink to={path} className={classes.url} title={shown}>
      {shown}
    </AppLink>
  );
}
