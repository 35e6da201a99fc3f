import { useMemo, useState } from 'react';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { needsCount } from '../../parts/bulk.ts';
import type { Target } from '../../parts/bulk.ts';
import { ConfirmWithPreview } from '../../parts/confirm-with-preview.tsx';
import { DoneAlert } from '../../parts/done-alert.tsx';
import { makeSettling } from './settling.ts';
import type { Verb } from './settling.ts';

/** An action on dead letters that somebody is about to take. */
export interface Wish {
  readonly verb: Verb;
  readonly target: Target;
}

/** What was done. */
export interface Outcome {
  readonly verb: Verb;
  readonly done: number;
  readonly refused: number;
  /** Of the endpoint, where all were of one. */
  readonly endpointId: string | undefined;
}

export interface SettleDialogProps {
  readonly wish: Wish;
  readonly onClose: () => void;
  readonly onDone: (outcome: Outcome) => void;
}

const looks = {
  redrive: { title: 'Redrive dead letters', label: 'Redrive' },
  discard: { title: 'Discard dead letters', label: 'Discard' },
} as const;

const note = {
  redrive:
    'Each gets a fresh cycle: an attempt at once, then the usual waits, with the same webhook-id.',
  discard:
    'They are not sent. They stay readable as discarded, and can be redriven from their delivery.',
} as const;

/** Shows what an action touches, asks, does it and says what became of each. */
export function SettleDialog({ wish, onClose, onDone }: SettleDialogProps): JSX.Element {
  const { verb, target } = wish;
  const settling = useMemo(() => makeSettling(verb, target), [verb, target]);
  const [count, setCount] = useState(0);
  return (
    <ConfirmWithPreview
      isOpen
      onClose={onClose}
      title={looks[verb].title}
      confirmLabel={looks[verb].label}
      isDanger={verb === 'discard'}
      asksReason={verb === 'discard' ? 'required' : 'optional'}
      asksCount={needsCount(count)}
      preview={async () => {
        const preview = await settling.preview();
        setCount(preview.count);
        return { ...preview, note: preview.count === 0 ? 'None of them is open.' : note[verb] };
      }}
      run={async (reason, onProgress) => {
        const results = await settling.run(reason, onProgress);
        const done = results.filter(({ isOk }) => isOk).length;
        const endpointId = 'filter' in target ? target.filter['endpoint_id'] : undefined;
        onDone({ verb, done, refused: results.length - done, endpointId });
        return results;
      }}
    />
  );
}

/** One line on what was done, and where to see it. */
export function OutcomeLine({ outcome }: { outcome: Outcome }): JSX.Element {
  const { verb, done, refused, endpointId } = outcome;
  const isRedrive = verb === 'redrive';
  const settled = isRedrive ? 'redriven' : 'discarded';
  const of = endpointId === undefined ? '' : `&endpoint_id=${endpointId}`;
  return (
    <DoneAlert
      isPartial={refused > 0}
      title={`${done.toLocaleString('en')} ${settled}${refused > 0 ? `, ${refused.toLocaleString('en')} not` : ''}`}
    >
      <AppLink to={`/dead-letters?view=list&state=${settled}${of}`}>
        Show the {settled} dead letters
      </AppLink>
      {isRedrive && (
        <>
          {' · '}
          <AppLink to={`/deliveries?${of.slice(1)}`}>Follow the deliveries</AppLink>
        </>
      )}
    </DoneAlert>
  );
}
