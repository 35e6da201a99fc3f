import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX, MouseEventHandler } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { ConfirmOne } from '../../parts/confirm.tsx';
import { onFirstClick } from '../../parts/first-click.ts';
import { Icon } from '../../parts/icon.tsx';
import type { IconName } from '../../parts/icon.tsx';
import { WhyField, givenReason } from '../../parts/why-field.tsx';
import { whyNotCancelled, whyNotHeld, whyNotNow, whyNotReleased } from './moves.ts';
import type { WhyNot } from './moves.ts';
import type { Delivery } from './rungs.ts';

/** Moves what waits: sends it now, holds it back or lets it go, ends it. */
export function Steering({ delivery }: { delivery: Delivery }): JSX.Element {
  return (
    <>
      <Now delivery={delivery} move={attemptNow} whyNot={whyNotNow(delivery)} />
      {delivery.state === 'parked' ? (
        <Now delivery={delivery} move={release} whyNot={whyNotReleased(delivery)} />
      ) : (
        <WithReason delivery={delivery} move={hold} whyNot={whyNotHeld(delivery)} />
      )}
      <WithReason delivery={delivery} move={cancel} whyNot={whyNotCancelled(delivery)} />
    </>
  );
}

interface MoveWords {
  readonly label: string;
  readonly icon: IconName;
}

interface ImmediateMove extends MoveWords {
  /** What is said when it worked. */
  readonly done: string;
}

const attemptNow: ImmediateMove = {
  label: 'Attempt now',
  icon: 'send',
  done: 'Its next attempt is made now',
};
const release: ImmediateMove = { label: 'Release', icon: 'play', done: 'Released: it is sent now' };

interface ReasonedMove extends MoveWords {
  readonly path: '/v1/deliveries/{id}/hold' | '/v1/deliveries/{id}/cancel';
  readonly title: string;
  readonly what: string;
  readonly dismissLabel: string;
  readonly isDanger: boolean;
}

const hold: ReasonedMove = {
  path: '/v1/deliveries/{id}/hold',
  label: 'Hold',
  icon: 'pause',
  title: 'Hold the delivery back',
  what: 'Nothing more is sent of it until somebody releases it. No attempt is used up, and those of its key behind it wait too.',
  dismissLabel: 'Let it go on',
  isDanger: false,
};
const cancel: ReasonedMove = {
  path: '/v1/deliveries/{id}/cancel',
  label: 'Cancel',
  icon: 'stop',
  title: 'Cancel the delivery',
  what: 'It ends, and nothing more is sent of it. A redrive can send it again.',
  dismissLabel: 'Leave it as it is',
  isDanger: true,
};

interface MoveProps<M extends MoveWords> {
  readonly delivery: Delivery;
  readonly move: M;
  readonly whyNot: WhyNot;
}

/** Not asked for: it would be sent anyway. To release one is to make its next attempt now. */
function Now({ delivery: { id }, move, whyNot }: MoveProps<ImmediateMove>): JSX.Element {
  const moving = useChange(
    () => answerOf(api.POST('/v1/deliveries/{id}/attempt-now', { params: { path: { id } } })),
    () => move.done,
  );
  return (
    <MoveButton
      move={move}
      whyNot={whyNot}
      isPending={moving.isPending}
      onClick={onFirstClick(() => moving.mutate(undefined))}
    />
  );
}

function WithReason({ delivery, move, whyNot }: MoveProps<ReasonedMove>): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <MoveButton move={move} whyNot={whyNot} onClick={() => setOpen(true)} />
      {isOpen && <Confirm id={delivery.id} move={move} onClose={() => setOpen(false)} />}
    </>
  );
}

function Confirm(props: { id: string; move: ReasonedMove; onClose: () => void }): JSX.Element {
  const { id, move, onClose } = props;
  const [reason, setReason] = useState('');
  const [problem, setProblem] = useState<unknown>(null);
  async function run(): Promise<void> {
    const body = givenReason(reason);
    const running = answerOf(api.POST(move.path, { params: { path: { id } }, body }));
    await running.catch((error: unknown) => {
      setProblem(error);
      throw error;
    });
  }
  return (
    <ConfirmOne
      isOpen
      onClose={onClose}
      title={move.title}
      confirmLabel={move.label}
      dismissLabel={move.dismissLabel}
      isDanger={move.isDanger}
      run={run}
    >
      <Text size="sm">{move.what}</Text>
      <WhyField value={reason} onChange={setReason} error={detailAt(problem, '/reason')} />
    </ConfirmOne>
  );
}

function MoveButton(props: {
  move: MoveWords;
  whyNot: WhyNot;
  isPending?: boolean;
  onClick: MouseEventHandler;
}): JSX.Element {
  const { move, whyNot, isPending = false, onClick } = props;
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<Icon name={move.icon} size={14} />}
      disabled={whyNot !== undefined}
      title={whyNot}
      loading={isPending}
      onClick={onClick}
    >
      {move.label}
    </Button>
  );
}
