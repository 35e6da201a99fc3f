import { useMemo } from 'react';
import { useSearchTexts } from '../../address.ts';
import type { Search } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { channelOptions } from '../../parts/channels.ts';
import { useEndpointField, useEventTypes } from '../../parts/filter-options.ts';
import type { FilterField, SelectField } from '../../parts/filters.ts';
import { shortId } from '../../parts/id.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { directionOf } from './request.ts';
import type { Direction } from './request.ts';

/** All that ended, in groups, and each state that a replay may start from. */
const states = {
  outbound: [
    { value: 'failed', label: 'failed: dead' },
    { value: 'never_attempted', label: 'never attempted' },
    'delivered',
    'dead',
    'parked',
    'cancelled',
    'skipped',
  ],
  inbound: [
    'failed',
    { value: 'never_attempted', label: 'never attempted: skipped' },
    'succeeded',
    'cancelled',
    'skipped',
  ],
} as const satisfies Record<Direction, SelectField['options']>;

const sourceField: SelectField = {
  kind: 'select',
  name: 'source',
  label: 'Source',
  options: channelOptions,
};

const statusField: SelectField = {
  kind: 'select',
  name: 'status_class',
  label: 'Last answered with',
  options: ['2xx', '3xx', '4xx', '5xx', { value: 'none', label: 'no answer' }],
};

/** What narrows a replay: the filters of its direction, and what else the address asks, so that it can be taken away. */
export function useReplayFields(): readonly FilterField[] {
  const search = useSearchTexts();
  const direction = directionOf(search);
  const types = useTypesField(direction);
  const endpoint = useEndpointField();
  const trigger = useTriggerField();
  return useMemo(() => {
    const state: SelectField = {
      kind: 'select',
      name: 'state',
      label: 'State',
      anyLabel: 'All that ended',
      options: states[direction],
    };
    const outbound = [endpoint, statusField];
    const inbound = [sourceField, trigger];
    const [own, other] = direction === 'outbound' ? [outbound, inbound] : [inbound, outbound];
    const asked = other.filter(({ name }) => search[name] !== undefined);
    return [types, state, ...own, ...asked].map((field) => withAsked(field, search));
  }, [direction, types, endpoint, trigger, search]);
}

/** What the address says is shown as chosen, also when it is nothing that the API takes. */
function withAsked(field: FilterField, search: Search): FilterField {
  if (field.kind !== 'select') return field;
  const asked = search[field.name];
  const values = field.options.map((it) => (typeof it === 'object' ? it.value : it));
  if (asked === undefined || values.includes(asked)) return field;
  return { ...field, options: [...field.options, { value: asked, label: visibleLine(asked) }] };
}

function useTypesField(direction: Direction): FilterField {
  const catalog = useEventTypes();
  return useMemo(
    () => ({
      kind: 'text',
      name: 'event_types',
      label: 'Event types',
      ...(direction === 'outbound'
        ? { placeholder: 'session.*, tool.error', suggestions: catalog }
        : { placeholder: 'push, pull_request', suggestions: [] }),
    }),
    [direction, catalog],
  );
}

function useTriggerField(): SelectField {
  const { trigger_id: asked } = useSearchTexts();
  const { data } = useRead('/v1/triggers');
  return useMemo(() => {
    const known = (data?.data ?? []).map(({ id, name }) => ({
      value: id,
      label: visibleLine(name),
    }));
    const isKnown = asked === undefined || known.some(({ value }) => value === asked);
    const options = isKnown ? known : [...known, { value: asked, label: shortId(asked) }];
    return { kind: 'select', name: 'trigger_id', label: 'Trigger', options };
  }, [data, asked]);
}
