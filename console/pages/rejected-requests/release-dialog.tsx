import { Button, Checkbox, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import type { Query } from '../../api/read.ts';
import { RunProgress, RunResults } from '../../parts/confirm-results.tsx';
import { Id } from '../../parts/id.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Time } from '../../parts/time.tsx';
import { BulkOutcome } from './bulk-outcome.tsx';
import { releaseEach, releaseMatching, sampleOf } from './release.ts';
import type { BulkProgress } from './release.ts';
import { reasonWords } from './reason-words.ts';

interface ReleaseProps {
  /** The filters of the list, for all that match. */
  readonly filters: Query;
  /** Only these; undefined means all that match. */
  readonly ids: readonly string[] | undefined;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Releases many: what it touches, how far it is, what became of it. */
export function ReleaseDialog(props: ReleaseProps): JSX.Element {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title="Release rejected requests"
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {props.ids === undefined ? <All {...props} /> : <Some {...props} ids={props.ids} />}
    </Modal>
  );
}

function All({ filters, onClose }: ReleaseProps): JSX.Element {
  const client = useQueryClient();
  const stopping = useRef(new AbortController());
  const [progress, setProgress] = useState<BulkProgress>();
  const sample = useQuery({
    queryKey: ['release-sample', filters],
    queryFn: () => sampleOf(filters),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY, // What was read is what is confirmed.
  });
  const running = useMutation({
    mutationFn: async (isTimeIgnored: boolean) => {
      const { signal } = stopping.current;
      return releaseMatching(filters, isTimeIgnored, { signal, onProgress: setProgress });
    },
    onSettled: () =>
      client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'release-sample' }),
  });
  if (running.isPending) {
    return <Running progress={progress} onStop={() => stopping.current.abort()} />;
  }
  if (progress) return <BulkOutcome progress={progress} error={running.error} onClose={onClose} />;
  const error = running.error ?? sample.error;
  return (
    <Stack gap="md">
      {error && <ProblemAlert error={error} />}
      {sample.isPending && <Skeleton height={80} aria-label="Counting what it touches" />}
      {sample.data && (
        <SampleQuestion {...sample.data} onClose={onClose} onConfirm={running.mutate} />
      )}
    </Stack>
  );
}

function SampleQuestion(
  props: Awaited<ReturnType<typeof sampleOf>> & Pick<QuestionProps, 'onClose' | 'onConfirm'>,
): JSX.Element {
  const { rows, hasMore, onClose, onConfirm } = props;
  return (
    <Question
      label={hasMore ? 'Release all' : `Release ${rows.length}`}
      isEmpty={rows.length === 0}
      onClose={onClose}
      onConfirm={onConfirm}
    >
      <Text fw={600}>
        All kept ones that match the filters: {hasMore && 'more than '}
        {rows.length}
      </Text>
      {rows.slice(0, 10).map(({ id, reason, received_at: at }) => (
        <Group key={id} gap="xs">
          <Id id={id} isPlain />
          <Text size="sm">{reasonWords(reason)}</Text>
          <Text size="sm" c="dimmed">
            <Time at={at} />
          </Text>
        </Group>
      ))}
      {rows.length > 10 && <Text size="sm">and the others that match</Text>}
    </Question>
  );
}

function Running(props: { progress: BulkProgress | undefined; onStop: () => void }): JSX.Element {
  const { progress, onStop } = props;
  const [isStopping, setStopping] = useState(false);
  return (
    <Stack gap="sm">
      <RunProgress done={0} total={0} />
      {progress && (
        <Text size="sm">
          {progress.matched.toLocaleString('en')} tried, {progress.refused.length} of them refused
        </Text>
      )}
      <Group justify="flex-end">
        <Button
          variant="default"
          disabled={isStopping}
          onClick={() => {
            setStopping(true);
            onStop();
          }}
        >
          {isStopping ? 'Stops after this call' : 'Stop'}
        </Button>
      </Group>
    </Stack>
  );
}

function Some({ ids, onClose }: ReleaseProps & { ids: readonly string[] }): JSX.Element {
  const client = useQueryClient();
  const [progress, setProgress] = useState({ done: 0, total: ids.length });
  const running = useMutation({
    mutationFn: (isTimeIgnored: boolean) =>
      releaseEach(ids, isTimeIgnored, (done, total) => setProgress({ done, total })),
    onSettled: () => client.invalidateQueries(),
  });
  if (running.data) return <RunResults results={running.data} onClose={onClose} />;
  if (running.isPending) return <RunProgress {...progress} />;
  return (
    <Question
      label={`Release ${ids.length}`}
      isEmpty={ids.length === 0}
      onClose={onClose}
      onConfirm={running.mutate}
    >
      <Text fw={600}>Those that are selected: {ids.length}</Text>
      {ids.slice(0, 10).map((id) => (
        <Id key={id} id={id} isPlain />
      ))}
      {ids.length > 10 && <Text size="sm">and {ids.length - 10} more</Text>}
    </Question>
  );
}

interface QuestionProps {
  readonly label: string;
  readonly isEmpty: boolean;
  /** What it touches. */
  readonly children: ReactNode;
  readonly onClose: () => void;
  readonly onConfirm: (isTimeIgnored: boolean) => void;
}

function Question(props: QuestionProps): JSX.Element {
  const { label, isEmpty, children, onClose, onConfirm } = props;
  const [isTimeIgnored, setTimeIgnored] = useState(false);
  return (
    <Stack gap="md">
      <Stack gap={4}>{children}</Stack>
      <Text size="sm">
        Each is verified again, with the secrets and settings of today. What verifies becomes an
        event, and its triggers start; what does not stays here.
      </Text>
      <TimeChoice isTimeIgnored={isTimeIgnored} onChange={setTimeIgnored} />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={isEmpty} onClick={() => onConfirm(isTimeIgnored)}>
          {label}
        </Button>
      </Group>
    </Stack>
  );
}

/** Whether the time window counts when it is verified again. */
export function TimeChoice(props: {
  isTimeIgnored: boolean;
  onChange: (isTimeIgnored: boolean) => void;
}): JSX.Element {
  return (
    <Checkbox
      label="Take it although its time is out of the window"
      description="Where the time is signed, what was kept for minutes is too old by now. Its signature is checked all the same"
      checked={props.isTimeIgnored}
      onChange={({ currentTarget }) => props.onChange(currentTarget.checked)}
    />
  );
}
