import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { deliveriesPath, deliveriesWords } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';

/** What is parked for an endpoint, with the way to it. */
export function Held({ endpoint: { id, held, state } }: { endpoint: Endpoint }): JSX.Element {
  return (
    <>
      <AppLink to={deliveriesPath(id, 'parked')}>{deliveriesWords(held)}</AppLink>:{' '}
      {state === 'enabled'
        ? 'each goes when what it waits for is over; “Let go what waits” sends or discards them now'
        : 'a resume sends or discards what waits'}
    </>
  );
}

/** What it did not get since it was disabled: new deliveries were skipped, those under way cancelled. */
export function Missed(props: { endpoint: Endpoint }): JSX.Element {
  const { id, skipped, state } = props.endpoint;
  return (
    <>
      {deliveriesWords(skipped)}, <AppLink to={deliveriesPath(id, 'skipped')}>skipped</AppLink> or{' '}
      <AppLink to={deliveriesPath(id, 'cancelled')}>cancelled</AppLink>:{' '}
      {state === 'disabled' ? 'enabling it' : 'a resume'} can send them
    </>
  );
}
