import { Checkbox, Group, NativeSelect, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useSearchTexts, useSetSearch } from '../../address.ts';
import type { Search } from '../../address.ts';
import { detailAt } from '../../api/problem.ts';
import { useEndpointOptions } from '../../parts/filter-options.ts';
import { visibleLine } from '../../parts/visible-text.ts';
import { directionOf, usualRate } from './request.ts';

interface WayProps {
  readonly error: Error | null;
}

/** How it is started again: where it goes, under which ids, by which revisions, how fast. `error` is what the API says of it. */
export function WayFields({ error }: WayProps): JSX.Element {
  const search = useSearchTexts();
  const isOutbound = directionOf(search) === 'outbound';
  // What the direction has not is shown when the address asks it, so that it can be taken away.
  const isShown = (name: string, isOwn: boolean): boolean => isOwn || search[name] !== undefined;
  return (
    <Stack gap="xs" role="group" aria-label="How it is started again">
      <Group gap="xs" align="flex-start">
        {isShown('target', isOutbound) && <Target error={error} />}
        {isShown('ids', isOutbound) && <Ids error={error} />}
        {isShown('revision', !isOutbound) && <Revision error={error} />}
        <Rate error={error} />
      </Group>
      {search['target'] !== undefined && isOutbound && <OtherEndpoint search={search} />}
    </Stack>
  );
}

function Target({ error }: WayProps): JSX.Element {
  const { target } = useSearchTexts();
  const setSearch = useSetSearch();
  const options = useEndpointOptions(target);
  return (
    <NativeSelect
      size="xs"
      maw="100%"
      label="Send to"
      value={target ?? ''}
      data={[{ value: '', label: 'The original endpoints' }, ...options]}
      error={detailAt(error, '/target')}
      onChange={({ currentTarget: { value } }) =>
        setSearch(
          { target: value, ...(value === '' && { ignore_subscription: undefined }) },
          { replace: true },
        )
      }
    />
  );
}

/** What to know of one endpoint that gets everything, and what it gets beside what it asks for. */
function OtherEndpoint({ search }: { search: Search }): JSX.Element {
  const setSearch = useSetSearch();
  return (
    <>
      <Text size="xs">
        Each event goes to this endpoint once, in a new delivery, whoever got it then: also events
        from before it existed. A choice of endpoint, state or last answer above is asked of the
        deliveries that there were.
      </Text>
      <Checkbox
        size="xs"
        label="Also events that it has not asked for"
        checked={search['ignore_subscription'] !== undefined}
        onChange={({ currentTarget: { checked } }) =>
          setSearch({ ignore_subscription: checked ? 'yes' : undefined }, { replace: true })
        }
      />
    </>
  );
}

function Ids({ error }: WayProps): JSX.Element {
  const { ids, target } = useSearchTexts();
  const setSearch = useSetSearch();
  const usual = target === undefined ? 'keep' : 'new';
  return (
    <NativeSelect
      size="xs"
      label="Webhook ids"
      value={ids ?? usual}
      data={withAsked(ids, [
        { value: 'keep', label: 'Keep: consumers can leave out what they had' },
        { value: 'new', label: 'New: consumers take it as new' },
      ])}
      error={detailAt(error, '/ids')}
      onChange={({ currentTarget: { value } }) =>
        setSearch({ ids: value === usual ? undefined : value }, { replace: true })
      }
    />
  );
}

function Revision({ error }: WayProps): JSX.Element {
  const { revision } = useSearchTexts();
  const setSearch = useSetSearch();
  return (
    <NativeSelect
      size="xs"
      label="Triggers"
      value={revision ?? 'as_then'}
      data={withAsked(revision, [
        { value: 'as_then', label: 'As they were then' },
        { value: 'as_now', label: 'As they are now' },
      ])}
      error={detailAt(error, '/revision')}
      onChange={({ currentTarget: { value } }) =>
        setSearch({ revision: value === 'as_then' ? undefined : value }, { replace: true })
      }
    />
  );
}

interface Option {
  readonly value: string;
  readonly label: string;
}

/** What the address says is shown as chosen, also when it is nothing that the API takes. */
function withAsked(asked: string | undefined, options: readonly Option[]): Option[] {
  const isKnown = asked === undefined || options.some(({ value }) => value === asked);
  return isKnown ? [...options] : [...options, { value: asked, label: visibleLine(asked) }];
}

/** What is typed stays as it is: emptied, the field must not fill itself while another number is typed. */
function Rate({ error }: WayProps): JSX.Element {
  const { rate } = useSearchTexts();
  const setSearch = useSetSearch();
  const [isEmpty, setEmpty] = useState(false);
  const asked = rate === undefined ? usualRate : Number(rate);
  return (
    <NumberInput
      size="xs"
      w={140}
      label="Items per second"
      min={1}
      max={500}
      allowDecimal={false}
      value={isEmpty && rate === undefined ? '' : asked}
      error={detailAt(error, '/rate')}
      onBlur={() => setEmpty(false)}
      onChange={(value) => {
        setEmpty(value === '');
        const isUsual = value === '' || value === usualRate;
        setSearch({ rate: isUsual ? undefined : String(value) }, { replace: true });
      }}
    />
  );
}
