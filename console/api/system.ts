import { useQuery } from '@tanstack/react-query';
import type { ApiProblem } from './problem.ts';
import { read, readKey } from './read.ts';
import type { Answer } from './read.ts';

/**
 * How the platform is set up, as its namespace in Temporal: asked once, for it stays while the server runs. What changes,
 * as whether Temporal answers, is `useRead('/v1/system', { everyMs })`.
 *
 * @returns undefined until the API has told
 */
export function useSetup(): Pick<Answer<'/v1/system'>, 'config' | 'temporal'> | undefined {
  const { data } = useQuery<Answer<'/v1/system'>, ApiProblem>({
    queryKey: readKey('/v1/system', {}),
    queryFn: ({ signal }) => read('/v1/system', {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  return data;
}
