import { Group } from '@mantine/core';
import type { JSX } from 'react';
import { Badge, StateBadge } from '../../parts/state-badge.tsx';
import { stateOf } from './trigger-state.ts';
import type { Trigger } from './trigger-state.ts';

/** The state of a trigger, and whether it only watches. */
export function TriggerState({ trigger }: { trigger: Trigger }): JSX.Element {
  return (
    <Group gap={4}>
      <StateBadge state={stateOf(trigger)} reason={trigger.quarantine ?? trigger.problem} />
      {trigger.mode === 'shadow' && (
        <Badge tone="idle" icon="info" title="It is evaluated and recorded, and starts nothing">
          shadow
        </Badge>
      )}
    </Group>
  );
}
