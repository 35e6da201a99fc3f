import type { JSX, ReactNode } from 'react';
import { Icon } from './icon.tsx';
import { safeUrl } from './safe-url.ts';
import { visibleLine } from './visible-text.ts';

/** A link out of the console. Anything but http(s) and a path of this host is shown as text: `javascript:` too. */
export function ExternalLink({ to, children }: { to: string; children?: ReactNode }): JSX.Element {
  const shown = children ?? visibleLine(to);
  const url = safeUrl(to, window.location.origin);
  if (url === undefined) return <span>{shown}</span>;
  return (
    <a href={url} target="_blank" rel="noreferrer noopener">
      {shown} <Icon name="external" size={12} />
    </a>
  );
}
