import { useMemo } from 'react';
import { useSearchTexts } from '../../address.ts';
import type { Query } from '../../api/read.ts';
import { filterOf } from '../../parts/bulk.ts';
import type { Filter } from '../../parts/bulk.ts';
import { useEndpointField, useEventTypeField } from '../../parts/filter-options.ts';
import { useFilters } from '../../parts/filters.ts';
import type { FilterField } from '../../parts/filters.ts';
import { attemptReasons } from '../../parts/reason-words.ts';

const stateField: FilterField = {
  kind: 'select',
  name: 'state',
  label: 'State',
  anyLabel: 'Open',
  options: [
    { value: 'redriven', label: 'Redriven' },
    { value: 'discarded', label: 'Discarded' },
    { value: 'all', label: 'All' },
  ],
};
const kindField: FilterField = {
  kind: 'select',
  name: 'kind',
  label: 'Of',
  options: [
    { value: 'delivery', label: 'Deliveries' },
    { value: 'trigger_run', label: 'Trigger runs' },
  ],
};
const reasonField: FilterField = {
  kind: 'text',
  name: 'reason',
  label: 'Reason',
  placeholder: 'timeout, status 503',
  suggestions: attemptReasons.filter((reason) => reason !== 'status' && reason !== 'gone'),
};
const triggerField: FilterField = { kind: 'text', name: 'trigger', label: 'Trigger' };
const timeField: FilterField = { kind: 'time', label: 'Died' };
const textField: FilterField = {
  kind: 'text',
  name: 'text',
  label: 'Part of an id',
  placeholder: 'dlv_…, run_… or evt_…',
};

/** What dead letters are filtered by, and the filter for the API: open ones unless told otherwise. */
export function useDeadLetterFilter(): {
  readonly fields: readonly FilterField[];
  readonly filter: Query;
  readonly isOpen: boolean;
} {
  const endpoint = useEndpointField();
  const eventType = useEventTypeField();
  const { state, trigger } = useSearchTexts();
  const hasTrigger = trigger !== undefined;
  const fields = useMemo(() => {
    const usual = [textField, stateField, kindField, endpoint, reasonField, eventType, timeField];
    return hasTrigger ? [...usual, triggerField] : usual;
  }, [endpoint, eventType, hasTrigger]);
  const given = useFilters(fields);
  const wanted = state === 'all' ? undefined : (state ?? 'open');
  return { fields, filter: { ...given, state: wanted }, isOpen: wanted === 'open' };
}

/** A filter of open dead letters, for the API's actions: only what is given. */
export function openFilterOf(query: Query): Filter {
  return filterOf({ ...query, state: undefined });
}
