import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { formatSearch, parseSearch } from './address.ts';
import { pages, redirects } from './pages/index.ts';
import { loadPage } from './shell/load-page.ts';
import { NotFound } from './shell/not-found.tsx';
import { PageFailure } from './shell/page-failure.tsx';
import { PageLoading } from './shell/page-loading.tsx';
import { Shell } from './shell/shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const pageRoutes = pages.map(({ path, load }) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(loadPage(load), 'Page'),
  }),
);

const redirectRoutes = redirects.map(({ from, to }) =>
  createRoute({
    getParentRoute: () => root,
    path: from,
    beforeLoad: ({ params }) => {
      throw redirect({ to, params, replace: true });
    },
  }),
);

/** One route per line of `pages/index.ts`. */
export const router = createRouter({
  routeTree: root.addChildren([...pageRoutes, ...redirectRoutes]),
  basepath: '/console',
  parseSearch,
  stringifySearch: formatSearch,
  defaultPreload: 'intent',
  defaultErrorComponent: PageFailure,
  defaultNotFoundComponent: NotFound,
  defaultPendingComponent: PageLoading,
  scrollRestoration: true,
});
