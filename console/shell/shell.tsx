import { AppShell } from '@mantine/core';
import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { JSX } from 'react';
import { login } from '../api/client.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { Header } from './header.tsx';
import { LoginScreen } from './login-screen.tsx';
import { Nav } from './nav.tsx';
import { PageLoading } from './page-loading.tsx';
import classes from './shell.module.css';
import { ShortcutHelp } from './shortcut-help.tsx';
import { useShortcuts } from './use-shortcuts.ts';

const Palette = lazy(async () => ({ default: (await import('./palette.tsx')).Palette }));

/** What is around every page. Without a login there is nothing but the way to one, at the same address. */
export function Shell(): JSX.Element {
  return login.use() === 'open' ? <Frame /> : <LoginScreen />;
}

function Frame(): JSX.Element {
  const [isNavOpen, setNavOpen] = useState(false);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [searches, setSearches] = useState(0);
  const main = useFocusedMain();
  const search = (): void => setSearches((count) => count + 1);
  const help = (): void => setHelpOpen(true);
  useShortcuts({ search, help });
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 232, breakpoint: 'sm', collapsed: { mobile: !isNavOpen } }}
      padding="md"
    >
      <a href="#main" className={classes.skip}>
        Skip to the page
      </a>
      <AppShell.Header>
        <Header isNavOpen={isNavOpen} onNav={() => setNavOpen(!isNavOpen)} onSearch={search} />
      </AppShell.Header>
      <AppShell.Navbar component="div">
        <Nav onLeave={() => setNavOpen(false)} onHelp={help} />
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} className={classes.main}>
        <ConnectionBanner />
        <div className={classes.content}>
          <Suspense fallback={<PageLoading />}>
            <Outlet />
          </Suspense>
        </div>
      </AppShell.Main>
      <ShortcutHelp isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
      {searches > 0 && (
        <Suspense fallback={null}>
          <Palette searches={searches} />
        </Suspense>
      )}
    </AppShell>
  );
}

/** After a link was followed, the keyboard goes on in the new page. */
function useFocusedMain(): React.RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const path = useLocation({ select: ({ pathname }) => pathname });
  const lastPath = useRef(path);
  useEffect(() => {
    if (lastPath.current !== path) main.current?.focus({ preventScroll: true });
    lastPath.current = path;
  }, [path]);
  return main;
}
