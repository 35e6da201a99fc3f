import { useMemo } from 'react';
import { useSearchTexts } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { channelOptions } from '../../parts/channels.ts';
import { useEndpointField, useEventTypes } from '../../parts/filter-options.ts';
import type { FilterField } from '../../parts/filters.ts';
import { shortId } from '../../parts/id.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { directionOf } from './request.ts';

/** States that a replay may start from. */
const states = {
  outbound: ['delivered', 'dead', 'parked', 'cancelled', 'skipped'],
  inbound: ['succeeded', 'failed', 'cancelled', 'skipped'],
} as const;

const sourceField: FilterField = {
  kind: 'select',
  name: 'source',
  label: 'Source',
  options: channelOptions,
};

/** What narrows a replay, by its direction. */
export function useReplayFields(): readonly FilterField[] {
  const direction = directionOf(useSearchTexts());
  const catalog = useEventTypes();
  const endpoint = useEndpointField();
  const trigger = useTriggerField();
  return useMemo(() => {
    const isOutbound = direction === 'outbound';
    const types: FilterField = {
      kind: 'text',
      name: 'event_types',
      label: 'Event types',
      placeholder: isOutbound ? 'session.*, tool.error' : 'push, pull_request',
      suggestions: isOutbound ? catalog : [],
    };
    const state: FilterField = {
      kind: 'select',
      name: 'state',
      label: 'State',
      anyLabel: 'All that ended',
      options: states[direction],
    };
    return isOutbound ? [types, endpoint, state] : [types, sourceField, trigger, state];
  }, [direction, catalog, endpoint, trigger]);
}

/** What belongs to one direction only: the other has no use for it. */
export const directionNames = ['endpoint_id', 'source', 'trigger_id', 'state', 'event_types'];

function useTriggerField(): FilterField {
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
