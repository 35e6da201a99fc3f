import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useSearchTexts } from '../address.ts';
import { timeRanges, useSetFilters } from './filters.ts';

/** A time range: one of the usual, or from and to in the browser's time zone. Part of `FilterBar`. */
export function TimeFilter({ label }: { label: string }): JSX.Element {
  const { range, from, to } = useSearchTexts();
  const setFilters = useSetFilters();
  const [isCustom, setCustom] = useState(false);
  const shown = range ?? (isCustom || from !== undefined || to !== undefined ? 'custom' : '');
  function choose(value: string): void {
    setCustom(value === 'custom');
    const isRange = value !== '' && value !== 'custom';
    setFilters({ range: isRange ? value : undefined, from: undefined, to: undefined });
  }
  return (
    <>
      <NativeSelect
        size="xs"
        label={label}
        value={shown}
        data={[
          { value: '', label: 'Any time' },
          ...timeRanges.map(({ value, label: words }) => ({ value, label: words })),
          { value: 'custom', label: 'From … to …' },
        ]}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
      />
      {shown === 'custom' && (
        <>
          <Moment
            label="From (your time)"
            value={from}
            onChange={(at) => setFilters({ from: at })}
          />
          <Moment label="To (your time)" value={to} onChange={(at) => setFilters({ to: at })} />
        </>
      )}
    </>
  );
}

/** One instant to type, in the browser's time zone; told when the field is left, and only when it is another. */
export function Moment(props: {
  label: string;
  /** RFC 3339. */
  value: string | undefined;
  onChange: (at: string | undefined) => void;
  /** What is wrong with it. */
  error?: string | undefined;
}): JSX.Element {
  const { value } = props;
  const [text, setText] = useState(toLocal(value));
  const [lastValue, setLastValue] = useState(value);
  if (value !== lastValue) {
    setLastValue(value); // Changed elsewhere: by a drawing, by the browser's back.
    setText(toLocal(value));
  }
  function tell(): void {
    if (text !== toLocal(value)) props.onChange(fromLocal(text));
  }
  return (
    <TextInput
      size="xs"
      type="datetime-local"
      label={props.label}
      error={props.error}
      value={text}
      onChange={({ currentTarget }) => setText(currentTarget.value)}
      onBlur={tell}
      onKeyDown={({ key }) => {
        if (key === 'Enter') tell();
      }}
    />
  );
}

/** What `datetime-local` takes, `2026-01-31T12:00`, in the browser's time zone; empty for what is no time. */
export function toLocal(at: string | undefined): string {
  const ms = at === undefined ? Number.NaN : Date.parse(at);
  if (Number.isNaN(ms)) return '';
  const offsetMs = new Date(ms).getTimezoneOffset() * 60_000;
  return new Date(ms - offsetMs).toISOString().slice(0, 16);
}

/** The instant as RFC 3339 in UTC; `undefined` for what is no time. */
export function fromLocal(text: string): string | undefined {
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
