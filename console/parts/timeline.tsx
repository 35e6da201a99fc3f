import type { JSX, ReactNode } from 'react';
import { AppLink } from './app-link.tsx';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import type { Tone } from './state-badge.tsx';
import { Time } from './time.tsx';
import classes from './timeline.module.css';

/** Something that happened, or is to happen. */
export interface TimelineItem {
  /** Unique in the list. */
  readonly key: string;
  /** RFC 3339; null when it is not known. */
  readonly at: string | null;
  readonly icon: IconName;
  readonly tone: Tone;
  readonly title: ReactNode;
  readonly detail?: ReactNode;
  /** A page of the console, that the title leads to. */
  readonly to?: string | undefined;
}

/** What happened to a thing, in the order in which it is given. */
export function Timeline({ items }: { items: readonly TimelineItem[] }): JSX.Element {
  return (
    <ol className={classes.timeline}>
      {items.map(({ key, at, icon, tone, title, detail, to }) => (
        <li key={key} className={classes.item}>
          <span className={classes.sign} data-tone={tone}>
            <Icon name={icon} size={14} />
          </span>
          <div>{to === undefined ? title : <AppLink to={to}>{title}</AppLink>}</div>
          {detail !== undefined && <div className={classes.detail}>{detail}</div>}
          {at !== null && (
            <div className={classes.at}>
              <Time at={at} isExact />
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
