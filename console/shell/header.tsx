import { ActionIcon, Burger, Button, Kbd } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import type { JSX } from 'react';
import { AppLink } from '../parts/app-link.tsx';
import { Icon } from '../parts/icon.tsx';
import { placeOf } from './breadcrumb.ts';
import { Logo } from './logo.tsx';
import { SchemeSwitch } from './scheme-switch.tsx';
import classes from './shell.module.css';

interface HeaderProps {
  readonly isNavOpen: boolean;
  readonly onNav: () => void;
  readonly onSearch: () => void;
}

/** The top of every page: the way to the others, where this one is, the search, light and dark. */
export function Header({ isNavOpen, onNav, onSearch }: HeaderProps): JSX.Element {
  return (
    <div className={classes.header}>
      <Burger
        opened={isNavOpen}
        onClick={onNav}
        hiddenFrom="sm"
        size="sm"
        aria-label="Navigation"
        aria-expanded={isNavOpen}
      />
      <AppLink to="/" className={classes.brand}>
        <Logo /> Durahook
      </AppLink>
      <Crumbs />
      <Button
        variant="default"
        size="xs"
        visibleFrom="sm"
        leftSection={<Icon name="search" size={14} />}
        rightSection={<Kbd size="xs">{isMac() ? '⌘ K' : 'Ctrl K'}</Kbd>}
        onClick={onSearch}
      >
        Go to …
      </Button>
      <ActionIcon
        variant="default"
        size="lg"
        hiddenFrom="sm"
        aria-label="Go to a page or an id"
        onClick={onSearch}
      >
        <Icon name="search" />
      </ActionIcon>
      <SchemeSwitch />
    </div>
  );
}

function Crumbs(): JSX.Element {
  const path = useLocation({ select: ({ pathname }) => pathname });
  const { page, parent } = placeOf(path);
  return (
    <nav className={classes.crumbs} aria-label="Where this page is">
      {page?.section && <>{page.section} › </>}
      {parent && (
        <>
          <AppLink to={parent.path}>{parent.title}</AppLink> ›{' '}
        </>
      )}
      <span aria-current="page">{page?.title ?? 'Not found'}</span>
    </nav>
  );
}

function isMac(): boolean {
  return /Mac|iPhone|iPad/.test(navigator.userAgent);
}
