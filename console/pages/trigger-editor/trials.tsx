import { Tabs } from '@mantine/core';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import { Backtest } from './backtest.tsx';
import { Difference } from './difference.tsx';
import { DryRun } from './dry-run.tsx';
import type { CheckedText } from './use-check.ts';
import type { Trigger } from './use-text.ts';

export interface TrialsProps {
  readonly trigger: Trigger | undefined;
  readonly text: string;
  /** Its last answer: of the text as it was when typing rested. */
  readonly checked: CheckedText | undefined;
}

/** What the text would do, before it is saved: with one event, with those of a time, and against what is saved. */
export function Trials({ trigger, text, checked }: TrialsProps): JSX.Element {
  const tried = { id: trigger?.id, text };
  const { trial } = useSearchTexts();
  const setSearch = useSetSearch();
  return (
    <section aria-label="Trials">
      <Tabs
        value={trial ?? 'dry-run'}
        onChange={(next) => setSearch({ trial: next ?? undefined }, { replace: true })}
      >
        <Tabs.List mb="sm">
          <Tabs.Tab value="dry-run">Dry run</Tabs.Tab>
          <Tabs.Tab value="backtest">Backtest</Tabs.Tab>
          {trigger && <Tabs.Tab value="difference">Difference</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="dry-run">
          <DryRun tried={tried} restedText={checked?.text ?? ''} />
        </Tabs.Panel>
        <Tabs.Panel value="backtest">
          <Backtest tried={tried} />
        </Tabs.Panel>
        {trigger && trial === 'difference' && (
          <Tabs.Panel value="difference">
            <Difference revision={trigger.revision} before={trigger.text ?? ''} text={text} />
          </Tabs.Panel>
        )}
      </Tabs>
    </section>
  );
}
