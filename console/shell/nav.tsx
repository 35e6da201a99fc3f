import { Link } from '@tanstack/react-router';
import type { JSX, ReactNode } from 'react';
import { Icon } from '../parts/icon.tsx';
import type { IconName } from '../parts/icon.tsx';
import { pages } from '../pages/index.ts';
import type { PageDefinition } from '../page.ts';
import { logOut } from './log-out.ts';
import classes from './shell.module.css';

interface NavProps {
  /** A page was chosen: on a phone the navigation closes. */
  readonly onLeave: () => void;
  readonly onHelp: () => void;
}

/** The pages by section, and below them what is not the console. */
export function Nav({ onLeave, onHelp }: NavProps): JSX.Element {
  return (
    <nav className={classes.nav} aria-label="Pages">
      {groupsOf(pages).map(({ heading, members }) => (
        <div key={members[0]?.path}>
          {heading !== null && <div className={classes.heading}>{heading}</div>}
          <ul>
            {members.map(({ path, title }) => (
              <li key={path}>
                <Link
                  to={path}
                  className={classes.item}
                  activeOptions={{ exact: path === '/' }}
                  onClick={onLeave}
                >
                  {title}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <ul className={classes.foot}>
        <Outside to="/temporal/" icon="external">
          Temporal Web UI
        </Outside>
        <Outside to="/docs" icon="book">
          API docs
        </Outside>
        <Act icon="info" onClick={onHelp}>
          Keyboard shortcuts
        </Act>
        <Act icon="logout" onClick={() => void logOut()}>
          Log out
        </Act>
      </ul>
    </nav>
  );
}

/** Neighbours of one section; the sections keep the order of the pages. */
function groupsOf(
  all: readonly PageDefinition[],
): { heading: string | null; members: PageDefinition[] }[] {
  const groups: { heading: string | null; members: PageDefinition[] }[] = [];
  for (const page of all.filter(({ path }) => !/\$|\/new$/.test(path))) {
    const last = groups.at(-1);
    if (last && last.heading === page.section) last.members.push(page);
    else groups.push({ heading: page.section, members: [page] });
  }
  return groups;
}

function Outside(props: { to: string; icon: IconName; children: ReactNode }): JSX.Element {
  return (
    <li>
      <a href={props.to} target="_blank" rel="noreferrer" className={classes.item}>
        <Icon name={props.icon} size={14} /> {props.children}
      </a>
    </li>
  );
}

function Act(props: { icon: IconName; onClick: () => void; children: ReactNode }): JSX.Element {
  return (
    <li>
      <button type="button" onClick={props.onClick} className={classes.item}>
        <Icon name={props.icon} size={14} /> {props.children}
      </button>
    </li>
  );
}
