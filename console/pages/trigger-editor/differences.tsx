import { List, Text } from '@mantine/core';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { Badge, StateBadge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';

type Difference = Answers['TriggerBacktest']['differences'][number];

/** Events of which the text would make something else than was made of them. */
export function Differences(props: { differences: readonly Difference[] }): JSX.Element {
  const { differences } = props;
  if (differences.length === 0) return <Text size="sm">No event was judged otherwise.</Text>;
  return (
    <section aria-label="Events that are judged otherwise">
      <Text size="sm" fw={600} mb={4}>
        Judged otherwise, the newest first
      </Text>
      <List size="sm" spacing="xs">
        {differences.map((difference) => (
          <List.Item key={difference.event_id}>
            <AppLink to={`/events/${difference.event_id}`}>
              {visibleLine(difference.event_type)}
            </AppLink>
            , <Time at={difference.received_at} />: <Verdicts difference={difference} />
            <br />
            {visibleLine(difference.why)}
            {difference.decisive && (
              <>
                : <code>{visibleLine(difference.decisive.expression)}</code> gives{' '}
                {visibleLine(difference.decisive.outcome)}
              </>
            )}
          </List.Item>
        ))}
      </List>
    </section>
  );
}

function Verdicts({ difference: { would, did } }: { difference: Difference }): JSX.Element {
  return (
    <>
      <Badge tone={would ? 'good' : 'idle'}>{would ? 'would fire' : 'would not fire'}</Badge>
      {did && (
        <>
          {' '}
          <AppLink to={`/trigger-runs/${did.run_id}`}>did</AppLink> <StateBadge state={did.state} />
        </>
      )}
    </>
  );
}
