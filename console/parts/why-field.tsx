import { TextInput } from '@mantine/core';
import type { JSX } from 'react';

/** As the API takes it. */
const reasonMax = 500;

export interface WhyFieldProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Else it may be left empty. */
  readonly isRequired?: boolean;
  readonly error?: string | undefined;
}

/** Asks why something is done. */
export function WhyField(props: WhyFieldProps): JSX.Element {
  const { value, onChange, isRequired = false, error } = props;
  return (
    <TextInput
      label="Why"
      description={`Kept in the audit log${isRequired ? '' : '; may be left empty'}`}
      maxLength={reasonMax}
      required={isRequired}
      value={value}
      error={error}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  );
}

/** What was typed, for a body of the API: nothing when nothing was. */
export function givenReason(typed: string): { readonly reason?: string } {
  const reason = typed.trim();
  return reason === '' ? {} : { reason };
}
