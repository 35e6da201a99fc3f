import { Button, Group, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { JSX, ReactNode } from 'react';
import { useUnseenFailure } from '../api/change.ts';
import { isCountChanged } from '../api/problem.ts';
import { RunProgress, RunResults } from './confirm-results.tsx';
import type { ItemResult } from './confirm-results.tsx';
import { CountChanged } from './count-changed.tsx';
import { Id } from './id.tsx';
import { ProblemAlert } from './problem-alert.tsx';
import { WhyField } from './why-field.tsx';

/** What an action would touch. */
export interface Preview {
  readonly count: number;
  /** The count is reckoned, and said to be. */
  readonly isEstimate?: boolean;
  /** Some of it, or all. */
  readonly items: readonly { readonly id: string; readonly text?: ReactNode }[];
  /** What to know before. */
  readonly note?: ReactNode;
}

export interface ConfirmProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** As "Redrive dead letters". */
  readonly title: string;
  /** Asked each time it opens. */
  readonly preview: () => Promise<Preview>;
  /** The verb on the button: "Redrive". */
  readonly confirmLabel: string;
  /** Nothing brings it back: the button is red. */
  readonly isDanger?: boolean;
  /** Whether it asks why, and goes on without an answer. */
  readonly asksReason?: 'required' | 'optional';
  /** The count must be typed: for what is large and can't be undone. */
  readonly asksCount?: boolean;
  /** Do it, call `onProgress` on the way, and say what became of each. */
  readonly run: (
    reason: string,
    onProgress: (done: number, total: number) => void,
  ) => Promise<readonly ItemResult[]>;
}

/** Before something happens: what it touches. While it happens: how far it is. After it: what became of each. */
export function ConfirmWithPreview(props: ConfirmProps): JSX.Element {
  return (
    <Modal
      opened={props.isOpen}
      onClose={props.onClose}
      title={props.title}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Steps {...props} />
    </Modal>
  );
}

function Steps(props: ConfirmProps): JSX.Element {
  const { preview, run, onClose } = props;
  const client = useQueryClient();
  const [progress, setProgress] = useState({ done: 0, total: 0 });
  const touched = useQuery({
    queryKey: ['preview', useId()],
    queryFn: preview,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY, // What was read is what is confirmed.
  });
  const [typed, setTyped] = useState<Typed>({ reason: '', count: '' });
  const tellUnseen = useUnseenFailure();
  const running = useMutation({
    mutationFn: ({ reason }: Confirmed) =>
      run(reason, (done, total) => setProgress({ done, total })),
    onError: async (error) => {
      tellUnseen(error);
      if (isCountChanged(error)) await touched.refetch();
    },
    onSettled: () =>
      client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'preview' }),
  });
  if (running.data) return <RunResults results={running.data} onClose={onClose} />;
  if (running.isPending) return <RunProgress {...progress} />;
  return (
    <Stack gap="md">
      {running.error && (
        <Failure error={running.error} before={running.variables.count} now={touched.data?.count} />
      )}
      {touched.error && (
        <ProblemAlert error={touched.error} onRetry={() => void touched.refetch()} />
      )}
      {touched.isPending && <Skeleton height={80} aria-label="Counting what it touches" />}
      {touched.data && (
        <Question
          {...props}
          preview={touched.data}
          typed={typed}
          onType={(changes) => setTyped({ ...typed, ...changes })}
          onConfirm={(confirmed) => running.mutate(confirmed)}
        />
      )}
    </Stack>
  );
}

/** Why it did not come to its end. */
function Failure(props: { error: Error; before: number; now: number | undefined }): JSX.Element {
  const { error, before, now } = props;
  if (!isCountChanged(error) || now === undefined) return <ProblemAlert error={error} />;
  return (
    <CountChanged>
      You were asked about {before.toLocaleString('en')}; now it touches {now.toLocaleString('en')}.
      Look again, then confirm.
    </CountChanged>
  );
}

/** What is written into the fields: kept until the dialog closes, also over a run that failed. */
interface Typed {
  readonly reason: string;
  readonly count: string;
}

interface Confirmed {
  readonly reason: string;
  /** As it was shown. */
  readonly count: number;
}

type QuestionProps = Pick<
  ConfirmProps,
  'confirmLabel' | 'isDanger' | 'asksReason' | 'asksCount' | 'onClose'
> & {
  readonly preview: Preview;
  readonly typed: Typed;
  readonly onType: (changes: Partial<Typed>) => void;
  readonly onConfirm: (confirmed: Confirmed) => void;
};

function Question(props: QuestionProps): JSX.Element {
  const { preview, asksReason, asksCount = false, typed, onClose, onConfirm } = props;
  const isReasonGiven = asksReason !== 'required' || typed.reason.trim() !== '';
  const isCountGiven = !asksCount || typed.count.trim() === String(preview.count);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onConfirm({ reason: typed.reason.trim(), count: preview.count });
      }}
    >
      <Stack gap="md">
        <Touched preview={preview} />
        {asksReason && (
          <WhyField
            value={typed.reason}
            onChange={(reason) => props.onType({ reason })}
            isRequired={asksReason === 'required'}
          />
        )}
        {asksCount && (
          <TextInput
            label={`Type ${preview.count} to go on`}
            value={typed.count}
            inputMode="numeric"
            autoComplete="off"
            onChange={({ currentTarget }) => props.onType({ count: currentTarget.value })}
          />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            type="submit"
            disabled={preview.count === 0 || !isReasonGiven || !isCountGiven}
            {...(props.isDanger === true ? { color: 'red' } : {})}
          >
            {props.confirmLabel} {countWords(preview)}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function countWords({ count, isEstimate = false }: Preview): string {
  return `${isEstimate ? 'about ' : ''}${count.toLocaleString('en')}`;
}

function Touched({ preview }: { preview: Preview }): JSX.Element {
  const { count, items, note } = preview;
  return (
    <div>
      <Text fw={600}>
        {count === 0 ? 'It touches nothing' : `It touches ${countWords(preview)}`}
      </Text>
      {note !== undefined && <Text size="sm">{note}</Text>}
      {items.slice(0, 10).map(({ id, text }) => (
        <Group key={id} gap="xs" wrap="nowrap">
          <Id id={id} />
          <Text size="sm">{text}</Text>
        </Group>
      ))}
      {count > 10 && items.length > 0 && (
        <Text size="sm" c="dimmed">
          and {(count - Math.min(10, items.length)).toLocaleString('en')} more
        </Text>
      )}
    </div>
  );
}
