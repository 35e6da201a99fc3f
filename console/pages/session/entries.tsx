import { Button, Group, NativeSelect, Skeleton } from '@mantine/core';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Timeline } from '../../parts/timeline.tsx';
import { Section } from '../event/section.tsx';
import { entryItem } from './entry-item.tsx';
import type { Session } from './session-words.ts';
import { useEntries } from './use-entries.ts';
import type { EntryMoves } from './use-entries.ts';

/** Everything said to a session and everything it did, oldest first, as it comes. */
export function Entries(props: { session: Session; everyMs: number }): JSX.Element {
  const { rows, problem, retry, moves } = useEntries(props.session, props.everyMs);
  return (
    <Section title="Timeline">
      <KindChoice />
      {problem && <ProblemAlert error={problem} onRetry={retry} />}
      {rows === undefined && !problem && (
        <Skeleton height={120} role="status" aria-label="Loading: the timeline" />
      )}
      {rows?.length === 0 && <NoEntries session={props.session} />}
      {rows && rows.length > 0 && <Timeline items={rows.map(entryItem)} />}
      <Moves moves={moves} />
    </Section>
  );
}

/** Finish and archive come once, and stand at the end. */
const kinds = [
  { value: '', label: 'All' },
  { value: 'event', label: 'What reached it' },
  { value: 'step', label: 'Steps' },
  { value: 'tool', label: 'Tool calls' },
  { value: 'error', label: 'What the agent refused' },
];

function KindChoice(): JSX.Element {
  const { kind = '' } = useSearchTexts();
  const setSearch = useSetSearch();
  return (
    <NativeSelect
      size="xs"
      w="fit-content"
      label="Which entries"
      value={kind}
      data={kinds}
      onChange={({ currentTarget: { value } }) =>
        setSearch({ kind: value, after: undefined }, { replace: true })
      }
    />
  );
}

function NoEntries({ session: { entry_count: count, state } }: { session: Session }): JSX.Element {
  if (count > 0) return <EmptyState title="No such entries" />;
  return (
    <EmptyState title="Nothing yet">
      {state === 'active' &&
        'What the agent reports stands here within seconds: its steps, its tool calls, its end.'}
    </EmptyState>
  );
}

function Moves({ moves }: { moves: EntryMoves }): JSX.Element | null {
  const all = Object.entries(moves);
  if (all.every(([, move]) => move === undefined)) return null;
  return (
    <Group gap="xs" component="nav" aria-label="Pages of the timeline">
      {all.map(([words, move]) => (
        <Button key={words} variant="default" size="xs" disabled={!move} onClick={move}>
          {words}
        </Button>
      ))}
    </Group>
  );
}
