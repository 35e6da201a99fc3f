import { Textarea } from '@mantine/core';
import type { JSX } from 'react';
import { useSearchTexts } from '../../address.ts';
import { detailAt } from '../../api/problem.ts';
import { FilterBar } from '../../parts/filter-bar.tsx';
import { useTypedSearch } from '../../parts/use-typed-search.ts';
import { directionOf } from './request.ts';
import { useReplayFields } from './use-fields.ts';

/** What narrows it. `error` is what the API says of it. */
export function FilterFields({ error }: { error: Error | null }): JSX.Element {
  const fields = useReplayFields();
  return (
    <div>
      <FilterBar fields={fields} errorOf={(name) => detailAt(error, `/${name}`)} />
      <Expression error={detailAt(error, '/filter')} />
    </div>
  );
}

/** An expression that each event is asked. */
function Expression({ error }: { error: string | undefined }): JSX.Element {
  const [text, setText] = useTypedSearch('filter');
  const isOutbound = directionOf(useSearchTexts()) === 'outbound';
  return (
    <Textarea
      size="xs"
      maw={640}
      label="Filter"
      description={`A CEL expression: only events for which it is true. It sees ${
        isOutbound ? 'event, data, body, headers and query' : 'event, body, headers and query'
      }`}
      placeholder={isOutbound ? 'data.amount > 1000.0' : "body.ref == 'refs/heads/main'"}
      autosize
      minRows={1}
      maxRows={8}
      value={text}
      error={error}
      spellCheck={false}
      autoComplete="off"
      styles={{ input: { fontFamily: 'var(--mono)' } }}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
    />
  );
}
