import { Button, Group, NativeSelect, Pill, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { useSearchTexts } from '../address.ts';
import { namesOf, timeRanges, useClearFilters, useSetFilters } from './filters.ts';
import type { FilterField } from './filters.ts';
import { Icon } from './icon.tsx';
import { TimeFilter } from './time-filter.tsx';
import { exactTime } from './time.tsx';
import { useTypedSearch } from './use-typed-search.ts';
import { visibleLine } from './visible-text.ts';

export interface FilterBarProps {
  readonly fields: readonly FilterField[];
  /** What is wrong with the value of a name; where a list's own problem tells it, leave it out. */
  readonly errorOf?: (name: string) => string | undefined;
}

/** Filters of a list, in the address; below them each one that is set, to be taken away. `/` goes to the text. */
export function FilterBar({ fields, errorOf }: FilterBarProps): JSX.Element {
  return (
    <search aria-label="Filters">
      <Group gap="xs" align="flex-end" mb="xs">
        {fields.map((field) => (
          <Field key={namesOf(field).join()} field={field} errorOf={errorOf ?? noError} />
        ))}
      </Group>
      <ActiveFilters fields={fields} />
    </search>
  );
}

function noError(): undefined {
  return undefined;
}

function Field(props: {
  field: FilterField;
  errorOf: (name: string) => string | undefined;
}): JSX.Element {
  const { field, errorOf } = props;
  const search = useSearchTexts();
  const setFilters = useSetFilters();
  switch (field.kind) {
    case 'time':
      return <TimeFilter label={field.label ?? 'Time'} />;
    case 'text':
      return <TextField field={field} error={errorOf(field.name)} />;
    case 'select':
      return (
        <NativeSelect
          size="xs"
          label={field.label}
          error={errorOf(field.name)}
          value={search[field.name] ?? ''}
          data={[{ value: '', label: field.anyLabel ?? 'Any' }, ...field.options]}
          onChange={({ currentTarget }) =>
            setFilters({ [field.name]: currentTarget.value || undefined })
          }
        />
      );
  }
}

function TextField({
  field: { name, label, placeholder, suggestions },
  error,
}: {
  field: Extract<FilterField, { kind: 'text' }>;
  error: string | undefined;
}): JSX.Element {
  const [text, setText] = useTypedSearch(name);
  return (
    <>
      <TextInput
        size="xs"
        label={label}
        error={error}
        value={text}
        leftSection={<Icon name="search" size={12} />}
        data-filter-text
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        {...(placeholder === undefined ? {} : { placeholder })}
        {...(suggestions === undefined ? {} : { list: `suggestions-${name}` })}
      />
      {suggestions && (
        <datalist id={`suggestions-${name}`}>
          {suggestions.map((value) => (
            <option key={value} value={value} />
          ))}
        </datalist>
      )}
    </>
  );
}

function ActiveFilters({ fields }: { fields: readonly FilterField[] }): JSX.Element | null {
  const search = useSearchTexts();
  const setFilters = useSetFilters();
  const clear = useClearFilters(fields);
  const active = fields.flatMap((field) =>
    namesOf(field).flatMap((name) => {
      const value = search[name];
      return value === undefined ? [] : [{ name, words: wordsOf(field, name, value) }];
    }),
  );
  if (active.length === 0) return null;
  return (
    <Group gap="xs" mb="sm">
      {active.map(({ name, words }) => (
        <Pill
          key={name}
          withRemoveButton
          removeButtonProps={{
            'aria-label': `Take the filter "${words}" away`,
            'aria-hidden': false,
            tabIndex: 0,
          }}
          onRemove={() => setFilters({ [name]: undefined })}
        >
          {words}
        </Pill>
      ))}
      <Button variant="subtle" size="compact-xs" onClick={clear}>
        Clear all
      </Button>
    </Group>
  );
}

function wordsOf(field: FilterField, name: string, value: string): string {
  if (field.kind === 'text') return `${field.label}: ${visibleLine(value)}`;
  if (field.kind === 'select') {
    const option = field.options.find((it) => typeof it === 'object' && it.value === value);
    const label = typeof option === 'object' ? option.label : visibleLine(value);
    return `${field.label}: ${label}`;
  }
  if (name !== 'range') return `${name === 'from' ? 'From' : 'To'}: ${exactTime(value)}`;
  return timeRanges.find((range) => range.value === value)?.label ?? visibleLine(value);
}
