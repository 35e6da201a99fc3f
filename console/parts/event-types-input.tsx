import { TagsInput } from '@mantine/core';
import type { JSX } from 'react';
import { useEventTypes } from './filter-options.ts';

export interface EventTypesInputProps {
  readonly value: readonly string[];
  readonly onChange: (types: string[]) => void;
  /** What is wrong with it. */
  readonly error?: string | undefined;
}

/** The event types that an endpoint asks for: of the catalog, beginnings as `session.*`, own ones, or `*`. */
export function EventTypesInput({ value, onChange, error }: EventTypesInputProps): JSX.Element {
  const types = useEventTypes();
  const beginnings = [...new Set(types.map((type) => `${type.split('.')[0] ?? type}.*`))];
  return (
    <TagsInput
      label="Event types"
      description="From the catalog, a beginning as session.*, your own as custom.order_paid, or * for all"
      placeholder={value.length === 0 ? 'session.*' : ''}
      value={[...value]}
      data={['*', ...beginnings, 'custom.*', ...types]}
      splitChars={[',', ' ']}
      acceptValueOnBlur
      maxDropdownHeight={150}
      error={error}
      onChange={onChange}
    />
  );
}
