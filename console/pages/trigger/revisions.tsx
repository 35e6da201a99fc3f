import { Button, Group, NativeSelect, Stack, Switch, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { Actor } from '../../parts/actor.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Time, exactTime } from '../../parts/time.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { LineDiff } from './line-diff.tsx';
import { NumberedText } from './numbered-text.tsx';

type Revision = Answers['TriggerRevision'];

/** A file may have 256 KiB. */
const limit = '20';

/** What the file said at any time, and what changed with each revision. */
export function Revisions({ id }: { id: string }): JSX.Element {
  const { cursor } = useSearchTexts();
  const query = { limit, cursor };
  const { data, error, refetch } = useRead('/v1/triggers/{id}/revisions', { id, query });
  if (error) return <ProblemAlert error={error} onRetry={() => void refetch()} />;
  if (!data) return <PageLoading />;
  if (data.data.length === 0) {
    return (
      <EmptyState title="No revision yet">
        The file was never good. Correct it and start the server again: that is revision 1.
      </EmptyState>
    );
  }
  return <Chosen revisions={data.data} older={data.next_cursor} />;
}

function Chosen(props: { revisions: readonly Revision[]; older: string | null }): JSX.Element {
  const { revisions, older } = props;
  const { revision: asked } = useSearchTexts();
  const [isWhole, setWhole] = useState(false);
  const index = Math.max(
    0,
    revisions.findIndex(({ revision }) => String(revision) === asked),
  );
  const shown = revisions[index];
  const before = revisions[index + 1];
  return (
    <Stack>
      <Chooser revisions={revisions} older={older} chosen={shown} />
      {shown && (
        <section aria-label={`Revision ${shown.revision}`}>
          <Group justify="space-between" mb="xs">
            <Title order={2}>Revision {shown.revision}</Title>
            {before && (
              <Switch
                size="sm"
                label="The text alone"
                checked={isWhole}
                onChange={({ currentTarget }) => setWhole(currentTarget.checked)}
              />
            )}
          </Group>
          <Text size="sm" mb="xs">
            {shown.is_current ? 'The current one, made' : 'Made'}{' '}
            <Time at={shown.created_at} isExact /> <MadeBy actor={shown.created_by} />
            {before && !isWhole && `. What changed since revision ${before.revision} is marked:`}
          </Text>
          {before && !isWhole ? (
            <LineDiff before={before.text} after={shown.text} />
          ) : (
            <NumberedText text={shown.text} label={`revision ${shown.revision}`} />
          )}
        </section>
      )}
    </Stack>
  );
}

function MadeBy({ actor }: { actor: string | null }): JSX.Element {
  if (actor === null) return <>from its file</>;
  return (
    <>
      by <Actor actor={actor} />
    </>
  );
}

function Chooser(props: {
  revisions: readonly Revision[];
  older: string | null;
  chosen: Revision | undefined;
}): JSX.Element {
  const { revisions, older, chosen } = props;
  const { cursor } = useSearchTexts();
  const setSearch = useSetSearch();
  return (
    <Group align="flex-end" gap="xs">
      <NativeSelect
        size="xs"
        label="Revision"
        value={String(chosen?.revision)}
        data={revisions.map(({ revision, created_at: at, is_current: isCurrent }) => ({
          value: String(revision),
          label: `${revision}, of ${exactTime(at)}${isCurrent ? ' (current)' : ''}`,
        }))}
        onChange={({ currentTarget }) => setSearch({ revision: currentTarget.value })}
      />
      {cursor !== undefined && (
        <Button
          variant="default"
          size="xs"
          onClick={() => setSearch({ cursor: undefined, revision: undefined })}
        >
          Newest
        </Button>
      )}
      {older !== null && (
        <Button
          variant="default"
          size="xs"
          onClick={() => setSearch({ cursor: older, revision: undefined })}
        >
          Older
        </Button>
      )}
    </Group>
  );
}
