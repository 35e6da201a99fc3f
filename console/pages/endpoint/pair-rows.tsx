import { ActionIcon, Button, Group, Input, Stack, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { detailAt } from '../../api/problem.ts';
import { Icon } from '../../parts/icon.tsx';
import { detailOf } from './endpoint.ts';
import { pointerTo, withRow } from './pairs.ts';
import type { Pair } from './pairs.ts';

export interface PairRowsProps {
  /** As "Metadata". */
  readonly label: string;
  /** What one row is: "header". */
  readonly what: string;
  readonly description: string;
  /** Where a problem tells what is wrong: `/headers`. */
  readonly pointer: string;
  readonly pairs: readonly Pair[];
  readonly error: Error | null;
  readonly onChange: (pairs: readonly Pair[]) => void;
}

/** Names with values, one row each. */
export function PairRows(props: PairRowsProps): JSX.Element {
  const { label, what, description, pointer, pairs, error, onChange } = props;
  return (
    <Input.Wrapper
      labelElement="div"
      label={label}
      description={description}
      error={detailOf(error, pointer)}
      role="group"
      aria-label={label}
    >
      <Stack gap="xs" mt="xs" align="flex-start">
        {pairs.map((pair, index) => (
          <Row
            key={pair.key}
            pair={pair}
            name={`${what} ${index + 1}`}
            error={detailAt(error, pointerTo(pointer, pair))}
            onChange={(changes) =>
              onChange(pairs.map((it) => (it === pair ? { ...it, ...changes } : it)))
            }
            onRemove={() => onChange(pairs.filter((it) => it !== pair))}
          />
        ))}
        <Button
          size="xs"
          variant="default"
          leftSection={<Icon name="plus" size={14} />}
          onClick={() => onChange(withRow(pairs))}
        >
          Add a {what}
        </Button>
      </Stack>
    </Input.Wrapper>
  );
}

function Row(props: {
  pair: Pair;
  name: string;
  error: string | undefined;
  onChange: (changes: Partial<Pair>) => void;
  onRemove: () => void;
}): JSX.Element {
  const { pair, name, error, onChange, onRemove } = props;
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start" w="100%">
      <TextInput
        aria-label={`Name of ${name}`}
        placeholder="Name"
        value={pair.name}
        spellCheck={false}
        autoComplete="off"
        error={error}
        style={{ flex: 1, minWidth: 0 }}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
      />
      <TextInput
        aria-label={`Value of ${name}`}
        placeholder="Value"
        value={pair.value}
        spellCheck={false}
        autoComplete="off"
        style={{ flex: 1, minWidth: 0 }}
        onChange={({ currentTarget }) => onChange({ value: currentTarget.value })}
      />
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`Remove ${name}`}
        title={`Remove ${name}`}
        onClick={onRemove}
      >
        <Icon name="trash" size={14} />
      </ActionIcon>
    </Group>
  );
}
