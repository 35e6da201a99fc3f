import { useMemo } from 'react';
import { useSearchTexts } from '../address.ts';
import { useRead } from '../api/read.ts';
import type { FilterField, SelectField } from './filters.ts';
import { shortId } from './id.tsx';
import { visibleLine } from './visible-text.ts';

/** Endpoints that a filter offers: the newest. Others are reached by a link that names them. */
const endpointsMax = '200';

/**
 * Endpoints by their URL.
 *
 * @param asked - the id that is chosen: it is offered, whatever the API lists
 */
export function useEndpointOptions(asked: string | undefined): SelectField['options'] {
  const { data } = useRead('/v1/endpoints', { query: { limit: endpointsMax } });
  return useMemo(() => {
    const known = (data?.data ?? []).map(({ id, url }) => ({
      value: id,
      label: `${visibleLine(url).slice(0, 36)} (${shortId(id)})`,
    }));
    const isKnown = asked === undefined || known.some(({ value }) => value === asked);
    return isKnown ? known : [...known, { value: asked, label: shortId(asked) }];
  }, [data, asked]);
}

/** The filter `endpoint_id`: endpoints by their URL. */
export function useEndpointField(): SelectField {
  const options = useEndpointOptions(useSearchTexts()['endpoint_id']);
  return useMemo(
    () => ({ kind: 'select', name: 'endpoint_id', label: 'Endpoint', options }),
    [options],
  );
}

/** The filter `trigger_id`: triggers by their name. */
export function useTriggerField(): FilterField {
  const { data } = useRead('/v1/triggers');
  return useMemo(() => {
    const options = (data?.data ?? []).map(({ id, name }) => ({
      value: id,
      label: visibleLine(name),
    }));
    return { kind: 'select', name: 'trigger_id', label: 'Trigger', options };
  }, [data]);
}

/** The filter `event_type`: a full name; those of the catalog are offered. */
export function useEventTypeField(): FilterField {
  const suggestions = useEventTypes();
  return useMemo(() => {
    const placeholder = 'session.created';
    return { kind: 'text', name: 'event_type', label: 'Event type', placeholder, suggestions };
  }, [suggestions]);
}

/** The names in the catalog. */
export function useEventTypes(): readonly string[] {
  const { data } = useRead('/v1/event-types');
  return useMemo(() => (data?.data ?? []).map(({ type }) => type), [data]);
}
