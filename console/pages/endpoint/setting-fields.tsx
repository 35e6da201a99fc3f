import { Checkbox, NativeSelect, NumberInput, Textarea, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { detailAt } from '../../api/problem.ts';
import type { Endpoint } from './endpoint.ts';
import type { SettingsDraft } from './settings-draft.ts';

interface FieldsProps {
  readonly draft: SettingsDraft;
  readonly error: Error | null;
  readonly onChange: (changes: Partial<SettingsDraft>) => void;
}

/** Of fields that say what holds without them. */
export interface EffectiveProps extends FieldsProps {
  /** What holds now. */
  readonly effective: Endpoint['effective'];
}

const formats = [
  { value: 'standard', label: 'Standard: type, timestamp, data, id' },
  { value: 'cloudevents-structured', label: 'CloudEvents, structured: one JSON object' },
  {
    value: 'cloudevents-binary',
    label: 'CloudEvents, binary: the data alone, the rest in headers',
  },
] as const;

const outages = [
  { value: 'retry', label: 'Retry: use up the attempts, then it is a dead letter' },
  { value: 'park', label: 'Park: hold deliveries back, and try one now and then' },
] as const;

/** Which of the events, in which order and form. */
export function ContentFields({ draft, error, onChange }: FieldsProps): JSX.Element {
  return (
    <>
      <Expression
        label="Filter"
        description="CEL that gives true or false, as data.cost > 1.0. Empty: every event of its types"
        value={draft.filter}
        error={detailAt(error, '/filter')}
        onChange={(filter) => onChange({ filter })}
      />
      <Expression
        label="Order by"
        description="CEL, as data.session_id: deliveries of one value go one after another. Empty: in no order"
        value={draft.orderBy}
        error={detailAt(error, '/order_by')}
        onChange={(orderBy) => onChange({ orderBy })}
      />
      <NativeSelect
        label="Format"
        description="All are signed in the same way"
        value={draft.format}
        data={[...formats]}
        error={detailAt(error, '/format')}
        onChange={({ currentTarget }) => {
          const format = formats.find(({ value }) => value === currentTarget.value)?.value;
          if (format) onChange({ format });
        }}
      />
    </>
  );
}

function Expression(props: {
  label: string;
  description: string;
  value: string;
  error: string | undefined;
  onChange: (value: string) => void;
}): JSX.Element {
  const { onChange, ...rest } = props;
  return (
    <Textarea
      {...rest}
      rows={2}
      spellCheck={false}
      autoComplete="off"
      styles={{ input: { fontFamily: 'var(--mono)' } }}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

/** How long it may take. */
export function TimeFields({ draft, error, onChange, effective }: EffectiveProps): JSX.Element {
  return (
    <>
      <TextInput
        label="Timeout"
        description={`How long it has to answer: 1s to 30s. Empty: the platform’s. Now: ${effective.timeout}`}
        placeholder="The platform’s"
        value={draft.timeout}
        error={detailAt(error, '/timeout')}
        onChange={({ currentTarget }) => onChange({ timeout: currentTarget.value })}
      />
      <TextInput
        label="Acknowledgement window"
        description="How long after a 202 it may say that it is done: 1s to 24h, as 15m. Empty: a 2xx is enough"
        placeholder="A 2xx is enough"
        value={draft.ackWindow}
        error={detailAt(error, '/ack_window')}
        onChange={({ currentTarget }) => onChange({ ackWindow: currentTarget.value })}
      />
    </>
  );
}

/** How often and how fast. */
export function AttemptFields({ draft, error, onChange, effective }: EffectiveProps): JSX.Element {
  return (
    <>
      <TextInput
        label="Schedule"
        description={`The wait before each attempt, as 0s, 10s, 5m: 1 to 5, the first 0s. Empty: the platform’s. Now: ${effective.schedule.join(', ')}`}
        placeholder="The platform’s"
        value={draft.schedule}
        error={detailAt(error, '/schedule')}
        onChange={({ currentTarget }) => onChange({ schedule: currentTarget.value })}
      />
      <Limit
        label="Rate limit"
        description="Requests per second, up to 10,000. Empty: no limit"
        value={draft.rateLimit}
        error={detailAt(error, '/rate_limit')}
        onChange={(rateLimit) => onChange({ rateLimit })}
      />
      <Limit
        label="Limit in flight"
        description="Requests at one time, up to 1,000. Empty: no limit"
        value={draft.inFlightMax}
        error={detailAt(error, '/in_flight_max')}
        onChange={(inFlightMax) => onChange({ inFlightMax })}
      />
    </>
  );
}

/** Not clamped: the API says what is wrong, beside the field. */
function Limit(props: {
  label: string;
  description: string;
  value: number | '';
  error: string | undefined;
  onChange: (value: number | '') => void;
}): JSX.Element {
  const { onChange, ...rest } = props;
  return (
    <NumberInput
      {...rest}
      placeholder="No limit"
      allowDecimal={false}
      allowNegative={false}
      onChange={(value) => onChange(typeof value === 'number' ? value : '')}
    />
  );
}

/** What becomes of deliveries while it does not answer, and after. */
export function OutageFields({ draft, error, onChange }: FieldsProps): JSX.Element {
  return (
    <>
      <NativeSelect
        label="While it does not answer"
        value={draft.onOutage}
        data={[...outages]}
        error={detailAt(error, '/on_outage')}
        onChange={({ currentTarget }) => {
          const onOutage = outages.find(({ value }) => value === currentTarget.value)?.value;
          if (onOutage) onChange({ onOutage });
        }}
      />
      <Checkbox
        label="Redrive its dead letters when it answers again"
        description="Those that died since it was failing"
        checked={draft.isRedrivenOnRecovery}
        error={detailAt(error, '/redrives_on_recovery')}
        onChange={({ currentTarget }) => onChange({ isRedrivenOnRecovery: currentTarget.checked })}
      />
    </>
  );
}
