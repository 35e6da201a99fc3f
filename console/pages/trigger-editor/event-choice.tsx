import { Group, NativeSelect, TextInput } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import type { JSX } from 'react';
import type { Row } from '../../api/list.ts';
import { read, readKey, useRead } from '../../api/read.ts';
import { shortId } from '../../parts/id.tsx';
import { exactTime } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { askedEventsIn } from './patterns.ts';

/** The select’s value of an event that is named by hand. */
const byHand = 'by-hand';

export interface EventChoiceProps {
  readonly offered: readonly Row<'/v1/events'>[];
  readonly samples: readonly string[];
  /** An id of an event, or a sample as `github/push`; empty = named by hand, and not yet. */
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** An event to try a text against: one of the latest, any by its id, or a sample. */
export function EventChoice(props: EventChoiceProps): JSX.Element {
  const { offered, samples, value, onChange } = props;
  const isOffered = samples.includes(value) || offered.some(({ id }) => id === value);
  const latest = offered.map(({ id, type, source, received_at: at }) => ({
    value: id,
    label: visibleLine(`${type} from ${source}, ${exactTime(at)} (${shortId(id)})`),
  }));
  return (
    <Group align="flex-end" gap="xs">
      <NativeSelect
        size="xs"
        label="Event"
        maw="100%"
        value={isOffered ? value : byHand}
        data={[
          { group: 'The latest that it listens to', items: latest },
          { group: 'Samples', items: samples.map((name) => ({ value: name, label: name })) },
          { group: 'Any other', items: [{ value: byHand, label: 'By its id …' }] },
        ]}
        onChange={({ currentTarget }) =>
          onChange(currentTarget.value === byHand ? '' : currentTarget.value)
        }
      />
      {!isOffered && (
        <TextInput
          size="xs"
          label="Id of the event"
          placeholder="evt_…"
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value.trim())}
        />
      )}
    </Group>
  );
}

/** Of each kind of event so many: they differ in the kind rather than in the number. */
const latestOfKind = '5';

/** The latest events that a text listens to, newest first. */
export function useLatestEvents(text: string): readonly Row<'/v1/events'>[] {
  return useQueries({
    queries: askedEventsIn(text).map(({ source, type }) => {
      const query = { source, type, limit: latestOfKind };
      return {
        queryKey: readKey('/v1/events', { query }),
        queryFn: ({ signal }: { signal: AbortSignal }) => read('/v1/events', { query }, signal),
      };
    }),
    combine: (results) =>
      results
        .flatMap(({ data }) => data?.data ?? [])
        .toSorted((a, b) => b.received_at.localeCompare(a.received_at)),
  });
}

/** Every sample, as `github/push`: first those of the channels that a text listens to. */
export function useSamples(text: string): readonly string[] {
  const { data } = useRead('/v1/channels');
  const sources = askedEventsIn(text).map(({ source }) => source);
  const isOther = (name: string): number => (sources.includes(name) ? 0 : 1);
  return (data?.data ?? [])
    .toSorted((a, b) => isOther(a.channel) - isOther(b.channel))
    .flatMap(({ channel, samples }) => samples.map((name) => `${channel}/${name}`));
}
