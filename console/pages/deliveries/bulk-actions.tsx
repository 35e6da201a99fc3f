import { Button, Group } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { JSX } from 'react';
import type { Query } from '../../api/read.ts';
import { AppLink } from '../../parts/app-link.tsx';
import { filterOf, needsCount } from '../../parts/bulk.ts';
import type { Target } from '../../parts/bulk.ts';
import { ConfirmWithPreview } from '../../parts/confirm-with-preview.tsx';
import { DoneAlert } from '../../parts/done-alert.tsx';
import type { Selection } from '../../parts/selection.tsx';
import { makeSteering, moves, needsReason } from './steering.ts';
import type { Move } from './steering.ts';

interface Wish {
  readonly move: Move;
  readonly target: Target;
}

interface Outcome {
  readonly move: Move;
  readonly done: number;
  readonly refused: number;
}

export interface BulkActionsProps {
  readonly selection: Selection;
  readonly filter: Query;
  readonly isFiltered: boolean;
}

const moveNames: readonly Move[] = ['attempt-now', 'hold', 'cancel', 'redrive'];

/** What can be done to the deliveries that are ticked, or to all that match the filters. */
export function BulkActions({ selection, filter, isFiltered }: BulkActionsProps): JSX.Element {
  const [wish, setWish] = useState<Wish | null>(null);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const target = targetOf(selection, filter, isFiltered);
  return (
    <>
      {outcome && <OutcomeLine outcome={outcome} />}
      <Group gap="xs" mb="sm" role="group" aria-label="Change many">
        {moveNames.map((move) => {
          const whyNot = whyNotOf(move, target);
          return (
            <Button
              key={move}
              size="xs"
              variant="default"
              disabled={whyNot !== undefined}
              title={whyNot}
              onClick={() => target && setWish({ move, target })}
            >
              {moves[move].label} {target && whichOf(target)}
            </Button>
          );
        })}
      </Group>
      {wish && (
        <SteerDialog
          wish={wish}
          onClose={() => setWish(null)}
          onDone={(done) => {
            setOutcome(done);
            selection.clear();
          }}
        />
      )}
    </>
  );
}

/** Nothing is meant by default: all deliveries are changed only when somebody says all. */
function targetOf(
  { ids, isAllMatching }: Selection,
  filter: Query,
  isFiltered: boolean,
): Target | undefined {
  if (ids.size > 0 && !isAllMatching) return { ids: [...ids] };
  return isAllMatching || isFiltered ? { filter: filterOf(filter) } : undefined;
}

function whichOf(target: Target): string {
  return 'ids' in target ? `the ${target.ids.length} selected` : 'all that match';
}

function whyNotOf(move: Move, target: Target | undefined): string | undefined {
  if (!target) return 'Tick deliveries or filter them first';
  const state = 'filter' in target ? target.filter['state'] : undefined;
  if (state === undefined || moves[move].states.some((each) => each === state)) return undefined;
  return `Not possible for what is ${state}`;
}

function SteerDialog(props: {
  wish: Wish;
  onClose: () => void;
  onDone: (outcome: Outcome) => void;
}): JSX.Element {
  const { wish, onClose, onDone } = props;
  const { move, target } = wish;
  const steering = useMemo(() => makeSteering(move, target), [move, target]);
  const [count, setCount] = useState(0);
  const { title, label, note } = moves[move];
  return (
    <ConfirmWithPreview
      isOpen
      onClose={onClose}
      title={title}
      confirmLabel={label}
      isDanger={move === 'cancel'}
      asksReason={needsReason(move) ? 'required' : 'optional'}
      // A filter may match more than a page shows.
      asksCount={count > 0 && ('filter' in target || needsCount(count))}
      preview={async () => {
        const preview = await steering.preview();
        setCount(preview.count);
        return { ...preview, note: preview.count === 0 ? noneWords(move) : note };
      }}
      run={async (reason, onProgress) => {
        const results = await steering.run(reason, onProgress);
        const done = results.filter(({ isOk }) => isOk).length;
        onDone({ move, done, refused: results.length - done });
        return results;
      }}
    />
  );
}

function noneWords(move: Move): string {
  return `It is possible for what is ${moves[move].states.join(', ')}, and none of them is.`;
}

/** One line on what was done, and where to see it. */
function OutcomeLine({ outcome: { move, done, refused } }: { outcome: Outcome }): JSX.Element {
  const not = refused > 0 ? `, ${refused.toLocaleString('en')} not` : '';
  return (
    <DoneAlert
      isPartial={refused > 0}
      title={`${done.toLocaleString('en')} ${moves[move].done}${not}`}
    >
      {move === 'hold' && <AppLink to="/deliveries?state=parked">Show what is held back</AppLink>}
      {move === 'cancel' && <AppLink to="/deliveries?state=cancelled">Show the cancelled</AppLink>}
      {(move === 'attempt-now' || move === 'redrive') && 'Follow them below.'}
    </DoneAlert>
  );
}
