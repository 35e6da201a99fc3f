import { useQuery } from '@tanstack/react-query';

/** The JSON Schema of trigger files, asked once; undefined until it is there, and without it nothing is offered. */
export function useSchema(): unknown {
  const { data } = useQuery<unknown>({
    queryKey: ['/trigger.schema.json'],
    queryFn: async ({ signal }): Promise<unknown> => {
      const answer = await fetch('/trigger.schema.json', { signal });
      return answer.json();
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data;
}
