import { Modal, Radio, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import type { JSX } from 'react';
import { useUnseenFailure } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt, isCountChanged } from '../../api/problem.ts';
import { CountChanged } from '../../parts/count-changed.tsx';
import { DialogForm } from '../../parts/dialog-form.tsx';
import { deliveriesWords } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';

type Choice = 'deliver' | 'discard';

/** More than these the API wants to be told. */
const unconfirmedMax = 1000;

export interface ResumeProps {
  readonly endpoint: Endpoint;
  /** As "Resume". */
  readonly label: string;
  readonly title: string;
  readonly onClose: () => void;
}

/** Enables an endpoint: what waited meanwhile is sent or discarded, as a person chooses. */
export function Resume(props: ResumeProps): JSX.Element {
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form {...props} />
    </Modal>
  );
}

function Form({ endpoint, label, onClose }: ResumeProps): JSX.Element {
  const [choice, setChoice] = useState<Choice>('deliver');
  const [typed, setTyped] = useState('');
  const waiting = useWaiting(endpoint.id);
  const resuming = useResume(endpoint.id, waiting.refetch, onClose);
  const { data } = waiting;
  const count = data && countOf(data, choice);
  const isLarge = count !== undefined && count > unconfirmedMax;
  return (
    <DialogForm
      submitLabel={label}
      isPending={resuming.isPending}
      error={isCountChanged(resuming.error) ? null : (resuming.error ?? waiting.error)}
      canSubmit={count !== undefined && (!isLarge || typed.trim() === String(count))}
      onSubmit={() => {
        if (count !== undefined) resuming.mutate({ choice, count });
      }}
      onClose={onClose}
    >
      {isCountChanged(resuming.error) && (
        <CountChanged>More or fewer wait by now. Look again, then confirm.</CountChanged>
      )}
      {data ? (
        <Waiting waiting={data} choice={choice} error={resuming.error} onChoose={setChoice} />
      ) : (
        <Skeleton height={80} aria-label="Counting what waits" />
      )}
      {isLarge && (
        <TextInput
          label={`Type ${count} to go on`}
          value={typed}
          inputMode="numeric"
          autoComplete="off"
          error={detailAt(resuming.error, '/confirm')}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
      )}
    </DialogForm>
  );
}

interface Counted {
  readonly held: number;
  readonly skipped: number;
}

function countOf({ held, skipped }: Counted, choice: Choice): number {
  return choice === 'deliver' ? held + skipped : held;
}

/** Counted when the dialog opens, and kept: what is read is what is confirmed. */
function useWaiting(id: string) {
  return useQuery<Counted>({
    queryKey: ['preview', useId()],
    queryFn: async () => {
      const { endpoint } = await answerOf(
        api.POST('/v1/endpoints/{id}/resume', {
          params: { path: { id } },
          body: { dry_run: true },
        }),
      );
      return { held: endpoint.held, skipped: endpoint.skipped };
    },
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

function useResume(id: string, recount: () => Promise<unknown>, onDone: () => void) {
  const client = useQueryClient();
  const tellUnseen = useUnseenFailure();
  return useMutation({
    mutationFn: ({ choice, count }: { choice: Choice; count: number }) =>
      answerOf(
        api.POST('/v1/endpoints/{id}/resume', {
          params: { path: { id } },
          body: { held: choice, ...(isConfirmed(choice, count) && { confirm: count }) },
        }),
      ),
    onSuccess: ({ resumed, discarded }, { choice }) => {
      const message =
        choice === 'deliver'
          ? `Enabled: ${deliveriesWords(resumed)} sent now`
          : `Enabled: ${deliveriesWords(discarded)} discarded`;
      notifications.show({ message, color: 'green' });
      onDone();
    },
    onError: async (error) => {
      tellUnseen(error);
      if (isCountChanged(error)) await recount();
    },
    onSettled: () =>
      client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'preview' }),
  });
}

/** What is discarded does not come back: no more than was shown. */
function isConfirmed(choice: Choice, count: number): boolean {
  return choice === 'discard' || count > unconfirmedMax;
}

function Waiting(props: {
  waiting: Counted;
  choice: Choice;
  error: Error | null;
  onChoose: (choice: Choice) => void;
}): JSX.Element {
  const { held, skipped } = props.waiting;
  if (held + skipped === 0) {
    return <Text size="sm">New deliveries are sent again. Nothing waits to be sent.</Text>;
  }
  const missed = skipped === 0 ? '' : `, and the ${skipped.toLocaleString('en')} it missed`;
  return (
    <Stack gap="sm">
      <Text size="sm">
        New deliveries are sent again. {deliveriesWords(held)} held back,{' '}
        {skipped.toLocaleString('en')} missed while it was disabled.
      </Text>
      <Radio.Group
        label="What is to become of them"
        value={props.choice}
        error={detailAt(props.error, '/held')}
        onChange={(value) => props.onChoose(value === 'discard' ? 'discard' : 'deliver')}
      >
        <Stack gap="xs" mt="xs">
          <Radio
            value="deliver"
            label="Deliver"
            description={`Sends the ${held.toLocaleString('en')} held back${missed}, oldest first`}
          />
          <Radio
            value="discard"
            label="Discard"
            description={`Ends the ${held.toLocaleString('en')} held back as cancelled. What it missed is not sent by a later resume either`}
          />
        </Stack>
      </Radio.Group>
    </Stack>
  );
}
