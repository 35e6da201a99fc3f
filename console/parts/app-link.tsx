import { Link } from '@tanstack/react-router';
import type { JSX, ReactNode } from 'react';
import { parseSearch } from '../address.ts';

export interface AppLinkProps {
  /** A path of the console, as `/events/evt_…` or `/deliveries?state=dead`. */
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string | undefined;
  readonly title?: string;
}

/** A link to a page of the console. */
export function AppLink({ to, children, className, title }: AppLinkProps): JSX.Element {
  const [path = '/', search = ''] = to.split('?', 2);
  return (
    <Link to={path} search={parseSearch(search)} className={className} title={title}>
      {children}
    </Link>
  );
}
