import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { CatchBoundary, RouterProvider } from '@tanstack/react-router';
import type { JSX } from 'react';
import { queryClient } from './api/query-client.ts';
import { router } from './router.tsx';
import { PageFailure } from './shell/page-failure.tsx';
import { theme, variables } from './theme.ts';

/** The whole console. The color scheme is kept in the browser's local storage by Mantine. */
export function App(): JSX.Element {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} defaultColorScheme="auto">
      <Notifications position="bottom-right" />
      <QueryClientProvider client={queryClient}>
        <CatchBoundary getResetKey={() => 'console'} errorComponent={PageFailure}>
          <RouterProvider router={router} />
        </CatchBoundary>
      </QueryClientProvider>
    </MantineProvider>
  );
}
