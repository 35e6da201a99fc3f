import { Alert } from '@mantine/core';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { Icon } from '../../parts/icon.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { Countdown, Time } from '../../parts/time.tsx';
import { deliveriesPath, deliveriesWords } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';

/** That it does not answer, what waits for it, and when it is tried again. */
export function Outage(props: {
  endpointId: string;
  outage: NonNullable<Endpoint['health']['outage']>;
}): JSX.Element {
  const { endpointId, outage } = props;
  const { next_probe_at: nextAt } = outage;
  return (
    <Alert
      color="yellow"
      icon={<Icon name="alert" />}
      title="It does not answer: deliveries wait, and one is tried now and then"
    >
      <KeyValues
        facts={[
          ['Since', <Time key="since" at={outage.since} isExact />],
          ['Tried and failed', outage.probes.toLocaleString('en')],
          ['Next try', nextAt === null ? null : <Countdown key="next" to={nextAt} />],
          [
            'Waiting',
            <AppLink key="parked" to={deliveriesPath(endpointId, 'parked')}>
              {deliveriesWords(outage.parked)}
            </AppLink>,
          ],
        ]}
      />
    </Alert>
  );
}
