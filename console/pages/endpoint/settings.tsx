import { Fieldset, Stack } from '@mantine/core';
import type { JSX, ReactNode } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { SettingsForm } from '../../parts/settings-form.tsx';
import { useDraft } from '../../parts/use-draft.ts';
import { EndpointFields } from '../endpoints/endpoint-fields.tsx';
import { AuthFields } from './auth-fields.tsx';
import type { Endpoint } from './endpoint.ts';
import { PairRows } from './pair-rows.tsx';
import { refuseRepeated } from './pairs.ts';
import { AttemptFields, ContentFields, OutageFields, TimeFields } from './setting-fields.tsx';
import type { EffectiveProps } from './setting-fields.tsx';
import { changesOf, draftOf, isSameDraft } from './settings-draft.ts';
import type { Kept, SettingsDraft } from './settings-draft.ts';

/** All that can be changed about an endpoint, but its state and secrets. */
export function Settings({ endpoint }: { endpoint: Endpoint }): JSX.Element {
  const { base, draft, isSame, change, begin, settle } = useDraft<Kept, SettingsDraft>(
    endpoint,
    draftOf,
    isSameDraft,
  );
  const saving = useChange(
    (sent: SettingsDraft) => save(sent, base),
    () => 'Saved: attempts that are still to come use it',
  );
  const { error } = saving;
  return (
    <SettingsForm
      isSame={isSame}
      isPending={saving.isPending}
      error={error}
      onSave={() => saving.mutate(draft, { onSuccess: (saved) => settle(draft, saved) })}
      onUndo={() => {
        saving.reset();
        begin(endpoint);
      }}
    >
      <Fields
        base={base}
        draft={draft}
        error={error}
        onChange={change}
        effective={endpoint.effective}
      />
    </SettingsForm>
  );
}

function Fields(props: EffectiveProps & { base: Kept }): JSX.Element {
  const { base, draft, error, onChange } = props;
  return (
    <>
      <Part name="What it gets">
        <EndpointFields {...props} />
        <ContentFields {...props} />
        <PairRows
          label="Metadata"
          what="metadata entry"
          description="Yours: the platform only keeps it. At most 50"
          pointer="/metadata"
          pairs={draft.metadata}
          error={error}
          onChange={(metadata) => onChange({ metadata })}
        />
      </Part>
      <Part name="How it is called">
        <PairRows
          label="Headers"
          what="header"
          description="Sent with every attempt, and shown to whoever may read the endpoint: a secret belongs in the auth. At most 20"
          pointer="/headers"
          pairs={draft.headers}
          error={error}
          onChange={(headers) => onChange({ headers })}
        />
        <AuthFields
          kept={base.auth}
          draft={draft.auth}
          error={error}
          onChange={(auth) => onChange({ auth })}
        />
        <TimeFields {...props} />
      </Part>
      <Part name="Attempts and limits">
        <AttemptFields {...props} />
      </Part>
      <Part name="When it is down">
        <OutageFields {...props} />
      </Part>
    </>
  );
}

async function save(draft: SettingsDraft, base: Kept): Promise<Kept> {
  refuseRepeated({ '/metadata': draft.metadata, '/headers': draft.headers });
  return answerOf(
    api.PATCH('/v1/endpoints/{id}', {
      params: { path: { id: base.id } },
      body: changesOf(draft, base),
    }),
  );
}

function Part({ name, children }: { name: string; children: ReactNode }): JSX.Element {
  return (
    <Fieldset legend={name} miw={0}>
      <Stack gap="sm">{children}</Stack>
    </Fieldset>
  );
}
