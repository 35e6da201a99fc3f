import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { SettingsForm } from '../../parts/settings-form.tsx';
import { useDraft } from '../../parts/use-draft.ts';
import { EndpointFields } from '../endpoints/endpoint-fields.tsx';
import type { EndpointDraft } from '../endpoints/endpoint-fields.tsx';
import type { Endpoint } from './endpoint.ts';

/** What the draft began from. */
type Kept = Pick<Endpoint, 'url' | 'description' | 'event_types'>;

/** What can be changed about an endpoint, but its state and secrets. */
export function Settings({ endpoint }: { endpoint: Endpoint }): JSX.Element {
  const { base, draft, isSame, change, begin } = useDraft<Kept, EndpointDraft>(
    endpoint,
    draftOf,
    isSameDraft,
  );
  const saving = useChange(
    () =>
      answerOf(
        api.PATCH('/v1/endpoints/{id}', {
          params: { path: { id: endpoint.id } },
          body: toBody(draft, base),
        }),
      ),
    () => 'Saved: attempts that are still to come use it',
  );
  return (
    <SettingsForm
      isSame={isSame}
      isPending={saving.isPending}
      error={saving.error}
      onSave={() => saving.mutate(undefined, { onSuccess: begin })}
      onUndo={() => begin(endpoint)}
    >
      <EndpointFields draft={draft} error={saving.error} onChange={change} />
    </SettingsForm>
  );
}

function isSameDraft(draft: EndpointDraft, base: Kept): boolean {
  return JSON.stringify(toBody(draft, base)) === '{}';
}

function draftOf({ url, description, event_types: types }: Kept): EndpointDraft {
  return { url, description: description ?? '', types };
}

/** Only what is different: what somebody else changed meanwhile stays. */
function toBody(draft: EndpointDraft, base: Kept) {
  const before = draftOf(base);
  const description = draft.description.trim();
  return {
    ...(draft.url.trim() !== before.url && { url: draft.url.trim() }),
    ...(JSON.stringify(draft.types) !== JSON.stringify(before.types) && {
      event_types: [...draft.types],
    }),
    ...(description !== before.description && {
      description: description === '' ? null : description,
    }),
  };
}
