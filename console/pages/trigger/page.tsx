import { Tabs } from '@mantine/core';
import type { JSX } from 'react';
import { useId, useSearchTexts, useSetSearch } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { PageLoading } from '../../shell/page-loading.tsx';
import { TriggerState } from '../triggers/trigger-state-badge.tsx';
import { About } from './about.tsx';
import { FileProblem } from './file-problem.tsx';
import { Quarantine } from './quarantine.tsx';
import { Revisions } from './revisions.tsx';
import { Runs } from './runs.tsx';
import { StateActions } from './state-actions.tsx';

const tabs = [
  { value: 'about', label: 'About' },
  { value: 'revisions', label: 'Revisions' },
  { value: 'runs', label: 'Runs' },
] as const;

/** As often as a server looks for new revisions, about. */
const everyMs = 10_000;

/** One trigger: what it does and since when, and every run of it. */
export function Page(): JSX.Element {
  const id = useId();
  const { data, error, refetch } = useRead('/v1/triggers/{id}', { id, everyMs });
  const [tab, setTab] = useTab();
  if (!data) {
    return (
      <>
        <PageHeader title="Trigger" />
        {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
      </>
    );
  }
  return (
    <>
      <PageHeader
        title={`Trigger ${visibleLine(data.name)}`}
        badge={<TriggerState trigger={data} />}
        about={data.description === null ? undefined : visibleLine(data.description)}
        actions={<StateActions trigger={data} />}
      />
      {data.quarantine !== null && <Quarantine reason={data.quarantine} />}
      <FileProblem trigger={data} />
      <Tabs value={tab} onChange={setTab} keepMounted={false}>
        <Tabs.List mb="md">
          {tabs.map(({ value, label }) => (
            <Tabs.Tab key={value} value={value}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="about">
          <About trigger={data} />
        </Tabs.Panel>
        <Tabs.Panel value="revisions">
          <Revisions id={id} />
        </Tabs.Panel>
        <Tabs.Panel value="runs">
          <Runs id={id} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

/** In the address; what another tab asked there is left behind. */
function useTab(): [string, (tab: string | null) => void] {
  const search = useSearchTexts();
  const setSearch = useSetSearch();
  const tab = tabs.find(({ value }) => value === search['tab'])?.value ?? 'about';
  const others = Object.fromEntries(Object.keys(search).map((name) => [name, undefined]));
  return [
    tab,
    (next) => setSearch({ ...others, tab: next === 'about' ? undefined : (next ?? undefined) }),
  ];
}
