import { Button, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Counted, useDryRun } from './counted.tsx';
import { FrameChart } from './frame-chart.tsx';
import { FilterFields } from './filter-fields.tsx';
import { DirectionControl, FrameFields } from './frame-fields.tsx';
import { PastJobs } from './past-jobs.tsx';
import { useRequest } from './request.ts';
import { StartDialog } from './start-dialog.tsx';
import { WayFields } from './way-fields.tsx';

/** Starts the workflows of a timeframe again: choose it, see what it touches, start; below, what was started. */
export function Page(): JSX.Element {
  return (
    <>
      <PageHeader
        title="Historical replay"
        about="Start everything of a timeframe again: after an outage, when a consumer lost what it had, or for a new endpoint."
      />
      <Stack gap="lg">
        <Form />
        <PastJobs />
      </Stack>
    </>
  );
}

function Form(): JSX.Element {
  const request = useRequest();
  const counted = useDryRun(request);
  const [isOpen, setOpen] = useState(false);
  const error = request ? counted.error : null;
  const canStart = counted.isCurrent && (counted.data?.planned ?? 0) > 0;
  return (
    <Paper component="section" withBorder p="md" aria-label="A new replay">
      <Stack gap="md">
        <Title order={2}>A new replay</Title>
        <DirectionControl />
        <FrameChart />
        <FrameFields error={error} />
        <FilterFields error={error} />
        <WayFields error={error} />
        <Counted request={request} counted={counted} />
        <Group gap="sm">
          <Button
            leftSection={<Icon name="play" size={14} />}
            disabled={!canStart}
            onClick={() => setOpen(true)}
          >
            Start the replay
          </Button>
          <Text size="xs" c="dimmed">
            It asks once more. The address of this page keeps what you chose.
          </Text>
        </Group>
      </Stack>
      {isOpen && request && <StartDialog request={request} onClose={() => setOpen(false)} />}
    </Paper>
  );
}
