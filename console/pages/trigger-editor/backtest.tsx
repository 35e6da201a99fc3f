import { Alert, Button, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Icon } from '../../parts/icon.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { exactTime } from '../../parts/time.tsx';
import type { Answers } from '../../../src/client/index.ts';
import { Differences } from './differences.tsx';
import type { Tried } from './tried.ts';

type Told = Answers['TriggerBacktest'];

const frames = [
  { value: '86400000', label: 'Last 24 h' },
  { value: '604800000', label: 'Last 7 days' },
] as const;

/** What the text would have made of the events of a time, held against the runs that there are. */
export function Backtest({ tried }: { tried: Tried }): JSX.Element {
  const [backMs, setBackMs] = useState<string>(frames[0].value);
  const run = useMutation({ mutationFn: () => backtest(tried, Number(backMs)) });
  return (
    <Stack gap="sm">
      <Text size="sm">
        The text as it stands, asked about each event of a time. Nothing is started; guards are not
        asked.
      </Text>
      <Group align="flex-end" gap="xs">
        <NativeSelect
          size="xs"
          label="Events of the"
          value={backMs}
          data={frames}
          onChange={({ currentTarget }) => setBackMs(currentTarget.value)}
        />
        <Button
          size="xs"
          leftSection={<Icon name="clock" size={14} />}
          loading={run.isPending}
          onClick={() => run.mutate()}
        >
          Backtest
        </Button>
      </Group>
      {run.error && <ProblemAlert error={run.error} />}
      {run.data && <Outcome told={run.data} />}
    </Stack>
  );
}

async function backtest({ id, text }: Tried, backMs: number): Promise<Told> {
  const body = { text, from: new Date(Date.now() - backMs).toISOString() };
  if (id === undefined) return answerOf(api.POST('/v1/triggers/backtest', { body }));
  return answerOf(api.POST('/v1/triggers/{id}/backtest', { params: { path: { id } }, body }));
}

function Outcome({ told }: { told: Told }): JSX.Element {
  const count = (value: number): string => value.toLocaleString('en');
  return (
    <Stack gap="sm">
      <Text size="sm" role="status">
        {count(told.events)} events were looked at.
      </Text>
      <KeyValues
        facts={[
          ['From', exactTime(told.from)],
          ['To', exactTime(told.to)],
          ['It would fire for', count(told.would_fire)],
          ['A trigger of its name fired for', count(told.fired)],
          ['Both', count(told.both)],
          ['Only the text', count(told.only_would)],
          ['Only the trigger', count(told.only_did)],
          ['Expressions without a value', count(told.failures)],
          [
            'Too large to be judged',
            told.skipped_large === 0 ? undefined : count(told.skipped_large),
          ],
        ]}
      />
      {told.is_cut && (
        <Alert color="yellow" icon={<Icon name="alert" />} title="Not all events were looked at">
          <Text size="sm">There are too many: the earliest of the time were left out.</Text>
        </Alert>
      )}
      <Differences differences={told.differences} />
    </Stack>
  );
}
