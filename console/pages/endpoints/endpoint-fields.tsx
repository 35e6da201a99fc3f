import { TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { detailAt } from '../../api/problem.ts';
import { EventTypesInput } from '../../parts/event-types-input.tsx';

/** What a person types of an endpoint. */
export interface EndpointDraft {
  readonly url: string;
  readonly types: readonly string[];
  readonly description: string;
}

/** The fields of an endpoint, each with what the API says is wrong with it. */
export function EndpointFields(props: {
  draft: EndpointDraft;
  error: Error | null;
  onChange: (changes: Partial<EndpointDraft>) => void;
}): JSX.Element {
  const { draft, error, onChange } = props;
  return (
    <>
      <TextInput
        label="URL"
        description="Where events are sent by POST: https, or http"
        placeholder="https://example.com/hooks"
        value={draft.url}
        required
        data-autofocus
        spellCheck={false}
        autoComplete="off"
        error={detailAt(error, '/url')}
        onChange={({ currentTarget }) => onChange({ url: currentTarget.value })}
      />
      <EventTypesInput
        value={draft.types}
        error={detailAt(error, '/event_types')}
        onChange={(types) => onChange({ types })}
      />
      <TextInput
        label="Description"
        description="Whose it is, in your words"
        value={draft.description}
        maxLength={1000}
        error={detailAt(error, '/description')}
        onChange={({ currentTarget }) => onChange({ description: currentTarget.value })}
      />
    </>
  );
}
