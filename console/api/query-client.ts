import { QueryClient } from '@tanstack/react-query';
import { ApiProblem } from './problem.ts';

/** A 4xx says the same again; a fault may pass. With the waits of 1, 2 and 4 s. */
const retriesMax = 3;

/** What the console remembers of the API. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always', // The server may be on this very machine, with no network at all.
      staleTime: 2000,
      retry: (count, error) => count < retriesMax && isWorthRepeating(error),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

function isWorthRepeating(error: Error): boolean {
  return error instanceof ApiProblem && (error.status === 0 || error.status >= 500);
}
