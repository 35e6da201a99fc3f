import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { answerOf, api } from '../../api/client.ts';
import type { ApiProblem } from '../../api/problem.ts';
import type { Answers } from '../../../src/client/index.ts';

/** What the API says of a text, and of which. */
export type CheckedText = Answers['TriggerValidation'] & { readonly text: string };

/** How long nothing is typed before a text is checked: a check for each letter would be a wish too many. */
const restMs = 400;

/**
 * Whether a text is a good trigger: asked whenever typing rests.
 *
 * @returns `checked` is of an earlier text until the API has answered; undefined before its first answer
 */
export function useCheck(text: string): {
  readonly checked: CheckedText | undefined;
  readonly isCurrent: boolean;
  readonly error: ApiProblem | null;
} {
  const rested = useRested(text);
  const { data, error } = useQuery<CheckedText, ApiProblem>({
    queryKey: ['/v1/triggers/validate', rested],
    queryFn: async ({ signal }) => {
      const body = { text: rested };
      const answer = await answerOf(api.POST('/v1/triggers/validate', { body, signal }));
      return { ...answer, text: rested };
    },
    placeholderData: keepPreviousData,
    gcTime: 0,
  });
  return { checked: data, isCurrent: data?.text === text, error };
}

function useRested(text: string): string {
  const [rested, setRested] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setRested(text), restMs);
    return () => clearTimeout(timer);
  }, [text]);
  return rested;
}
