import { Stack } from '@mantine/core';
import type { JSX } from 'react';
import { useRead } from '../../api/read.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { Accounting } from './accounting.tsx';
import { Config } from './config.tsx';
import { Quota } from './quota.tsx';
import { Retention } from './retention.tsx';
import { Postgres, Process, Temporal, Unstarted } from './stand.tsx';

/** Somebody waits for a part to come back. */
const everyMs = 5000;

/** How the platform is: what it stands on, what waits, whether everything adds up, how it is set up. */
export function Page(): JSX.Element {
  const system = useRead('/v1/system', { everyMs });
  return (
    <>
      <PageHeader
        title="System"
        about="The process that answers, and what it stands on. It refreshes itself every 5 s."
      />
      <Stack gap="md">
        {system.error && (
          <ProblemAlert error={system.error} onRetry={() => void system.refetch()} />
        )}
        {!system.data && !system.error && <PageLoading />}
        {system.data && (
          <>
            <Temporal system={system.data} />
            <Postgres system={system.data} />
            <Unstarted system={system.data} />
          </>
        )}
        <Accounting />
        <Quota everyMs={everyMs} />
        <Retention />
        {system.data && <Process system={system.data} />}
        {system.data && <Config system={system.data} />}
      </Stack>
    </>
  );
}
