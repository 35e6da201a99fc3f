import { Alert, Button, Group, Text } from '@mantine/core';
import type { JSX } from 'react';
import type { Answers } from '../../../src/client/index.ts';
import { useRead } from '../../api/read.ts';
import { Icon } from '../../parts/icon.tsx';
import { Id } from '../../parts/id.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Badge, StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { Panel } from './panel.tsx';

type Counts = Readonly<Record<string, number>>;

/** Everything that was accepted is in a state: counted when it is asked for, since that reads whole tables. */
export function Accounting(): JSX.Element {
  const counting = useRead('/v1/system/accounting', { isEnabled: false });
  const { data, error, isFetching, dataUpdatedAt, refetch } = counting;
  return (
    <Panel
      title="Accounting"
      badge={data && <Balance isBalanced={data.is_balanced} />}
      action={
        <Button size="xs" variant="default" loading={isFetching} onClick={() => void refetch()}>
          Count now
        </Button>
      }
    >
      {error && <ProblemAlert error={error} />}
      {data ? (
        <>
          <Text size="sm" c="dimmed">
            Counted <Time at={new Date(dataUpdatedAt).toISOString()} />
          </Text>
          <Counted accounting={data} />
        </>
      ) : (
        <Text size="sm">
          Counts everything that was accepted, by its state, and holds it against each other. It
          reads whole tables, so it is done only when you ask for it.
        </Text>
      )}
    </Panel>
  );
}

function Balance({ isBalanced }: { isBalanced: boolean }): JSX.Element {
  return isBalanced ? (
    <Badge tone="good" icon="check">
      balanced
    </Badge>
  ) : (
    <Badge tone="bad" icon="alert">
      does not add up
    </Badge>
  );
}

function Counted({ accounting }: { accounting: Answers['Accounting'] }): JSX.Element {
  const { is_balanced: isBalanced, imbalances } = accounting;
  return (
    <>
      <Text size="sm">
        {isBalanced
          ? 'Everything is in a state, and each that died has its dead letter: nothing is lost.'
          : 'Something is where it should not be. Look at these:'}
      </Text>
      {imbalances.map((imbalance) => (
        <Imbalance key={imbalance.rule} {...imbalance} />
      ))}
      <KeyValues
        facts={[
          ['Events', <CountsLine key="events" counts={accounting.events} />],
          ['Deliveries', <CountsLine key="deliveries" counts={accounting.deliveries} />],
          ['Trigger runs', <CountsLine key="runs" counts={accounting.trigger_runs} />],
          ['Dead letters', <CountsLine key="letters" counts={accounting.dead_letters} />],
        ]}
      />
    </>
  );
}

function Imbalance(props: Answers['Accounting']['imbalances'][number]): JSX.Element {
  const { rule, count, ids } = props;
  return (
    <div>
      <Alert
        color="red"
        role="alert"
        icon={<Icon name="alert" />}
        title={`${visibleLine(rule)}: ${count.toLocaleString('en')}`}
      />
      <Group gap="sm" mt={4}>
        {ids.map((id) => (
          <Id key={id} id={id} />
        ))}
        {count > ids.length && (
          <Text size="sm">and {(count - ids.length).toLocaleString('en')} more</Text>
        )}
      </Group>
    </div>
  );
}

function CountsLine({ counts }: { counts: Counts }): JSX.Element {
  const entries = Object.entries(counts);
  if (entries.length === 0) return <>none</>;
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  return (
    <Group gap="xs">
      <span>{total.toLocaleString('en')}:</span>
      {entries.map(([state, count]) => (
        <Group key={state} gap={4}>
          <StateBadge state={state} />
          <span>{count.toLocaleString('en')}</span>
        </Group>
      ))}
    </Group>
  );
}
