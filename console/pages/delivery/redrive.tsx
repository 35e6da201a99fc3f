import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { DoneAlert } from '../../parts/done-alert.tsx';
import { Icon } from '../../parts/icon.tsx';
import { durationWords } from '../../parts/time-words.ts';
import { WhyField, givenReason } from '../../parts/why-field.tsx';
import { whyNotRedriven } from './moves.ts';
import type { Delivery } from './rungs.ts';
import type { Answers } from '../../../src/client/index.ts';

export interface RedriveProps {
  readonly delivery: Delivery;
  readonly onRedriven: (redriven: Answers['RedrivenDelivery']) => void;
}

/** Opens the next cycle of a delivery that has ended. */
export function Redrive({ delivery, onRedriven }: RedriveProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const whyNot = whyNotRedriven(delivery);
  return (
    <>
      <Button
        size="xs"
        leftSection={<Icon name="refresh" size={14} />}
        disabled={whyNot !== undefined}
        title={whyNot}
        onClick={() => setOpen(true)}
      >
        Redrive
      </Button>
      {isOpen && (
        <Confirm delivery={delivery} onRedriven={onRedriven} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

function Confirm(props: RedriveProps & { readonly onClose: () => void }): JSX.Element {
  const { delivery, onRedriven, onClose } = props;
  const [reason, setReason] = useState('');
  const { id, state, cycle, schedule } = delivery;
  async function run(): Promise<void> {
    const call = { params: { path: { id } }, body: givenReason(reason) };
    onRedriven(await answerOf(api.POST('/v1/deliveries/{id}/redrive', call)));
  }
  return (
    <ConfirmOne
      isOpen
      onClose={onClose}
      title="Redrive the delivery"
      confirmLabel="Redrive"
      run={run}
    >
      <Text size="sm">
        Opens cycle {cycle + 1}: an attempt at once
        {schedule.length > 1 && `, then up to ${schedule.length - 1} more after `}
        {schedule.slice(1).map(durationWords).join(', ')}. The consumer gets the same webhook-id.
      </Text>
      {state === 'delivered' && (
        <Text size="sm" fw={600}>
          It was delivered before: the consumer gets it a second time.
        </Text>
      )}
      <EndpointState delivery={delivery} />
      <WhyField value={reason} onChange={setReason} />
    </ConfirmOne>
  );
}

function EndpointState({ delivery: { endpoint } }: { delivery: Delivery }): JSX.Element | null {
  if (endpoint === null || endpoint.is_deleted) {
    return <Text size="sm">Its endpoint was deleted: it will end as cancelled.</Text>;
  }
  if (endpoint.state === 'paused') {
    return <Text size="sm">Its endpoint is paused: it will be held back until it is resumed.</Text>;
  }
  if (endpoint.state === 'disabled') {
    return <Text size="sm">Its endpoint is disabled: it will end as cancelled.</Text>;
  }
  return null;
}

/** What a redrive did. */
export function Redriven({
  redriven: { id, cycle },
}: {
  redriven: Answers['RedrivenDelivery'];
}): JSX.Element {
  return (
    <DoneAlert title="Redriven">
      Cycle {cycle} is open, and its first attempt is made now.{' '}
      <AppLink to={`/deliveries/${id}?cycle=${cycle}`}>Show cycle {cycle}</AppLink>
    </DoneAlert>
  );
}
