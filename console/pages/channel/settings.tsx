import { Checkbox, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import { SettingsForm } from '../../parts/settings-form.tsx';
import { useDraft } from '../../parts/use-draft.ts';
import { schemeTitle } from './channel-words.ts';
import type { Integration } from './channel-words.ts';
import { isSchemeOf, useSchemes } from './schemes.ts';
import type { Scheme } from './schemes.ts';

/** What can be changed about an integration, but its secrets and state. */
export function Settings({ integration }: { integration: Integration }): JSX.Element {
  const schemes = useSchemes(integration.channel);
  const { base, draft, isSame, change, begin, settle } = useDraft(
    integration,
    draftOf,
    isSameDraft,
  );
  const scheme = schemes.find((it) => isSchemeOf(draft, it));
  const saving = useChange(
    (sent: Draft) =>
      answerOf(
        api.PATCH('/v1/integrations/{id}', {
          params: { path: { id: integration.id } },
          body: toBody(sent, base, scheme),
        }),
      ),
    () => 'Saved: the next request is judged by it',
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
        begin(integration);
      }}
    >
      <Fields schemes={schemes} scheme={scheme} draft={draft} error={error} onChange={change} />
    </SettingsForm>
  );
}

interface Draft extends Pick<Integration, 'mode' | 'scheme'> {
  readonly description: string;
  readonly username: string;
  readonly receiveId: string;
  /** Seconds; empty = the channel's default. */
  readonly tolerance: number | '';
  readonly isDeduped: boolean;
}

function isSameDraft(draft: Draft, base: Integration): boolean {
  return JSON.stringify(draft) === JSON.stringify(draftOf(base));
}

function draftOf(integration: Integration): Draft {
  return {
    mode: integration.mode,
    scheme: integration.scheme,
    description: integration.description ?? '',
    username: integration.username ?? '',
    receiveId: integration.receive_id ?? '',
    tolerance: integration.tolerance_s ?? '',
    isDeduped: integration.dedupe === 'hash',
  };
}

/** Only what is different: what somebody else changed meanwhile stays. */
function toBody(draft: Draft, base: Integration, scheme: Scheme | undefined) {
  const before = draftOf(base);
  const description = draft.description.trim();
  const isOtherWay = draft.mode !== before.mode || draft.scheme !== before.scheme;
  return {
    ...(isOtherWay && { mode: draft.mode, scheme: draft.scheme }),
    ...(description !== before.description && {
      description: description === '' ? null : description,
    }),
    ...(draft.tolerance !== before.tolerance && {
      tolerance_s: draft.tolerance === '' ? null : draft.tolerance,
    }),
    ...(draft.isDeduped !== before.isDeduped && {
      dedupe: draft.isDeduped ? ('hash' as const) : null,
    }),
    ...namesOf(draft, base, scheme),
  };
}

/** Only what its scheme uses may be said; what it never had is said even when it is empty. */
function namesOf(
  { username, receiveId }: Draft,
  { username: usernameBefore, receive_id: receiveIdBefore }: Integration,
  scheme: Scheme | undefined,
) {
  return {
    ...(scheme?.needs_username === true && username !== usernameBefore && { username }),
    ...(scheme?.needs_receive_id === true &&
      receiveId !== receiveIdBefore && { receive_id: receiveId }),
  };
}

interface FieldsProps {
  readonly draft: Draft;
  readonly error: Error | null;
  readonly onChange: (changes: Partial<Draft>) => void;
}

type Schemes = readonly Scheme[];

function Fields(
  props: FieldsProps & { schemes: Schemes; scheme: Scheme | undefined },
): JSX.Element {
  const { draft, error, onChange } = props;
  return (
    <>
      <TextInput
        label="Description"
        description="What you call it: the repository, the team"
        value={draft.description}
        maxLength={1000}
        error={detailAt(error, '/description')}
        onChange={({ currentTarget }) => onChange({ description: currentTarget.value })}
      />
      <SchemeSelect {...props} />
      <Names {...props} />
      <NumberInput
        label="Tolerated clock difference"
        description="In seconds, where the time is signed. Empty: the channel’s own"
        placeholder="The channel’s own"
        value={draft.tolerance}
        min={0}
        max={604_800}
        allowDecimal={false}
        error={detailAt(error, '/tolerance_s')}
        onChange={(seconds) => onChange({ tolerance: seconds === '' ? '' : Number(seconds) })}
      />
      <Checkbox
        label="Without a delivery id, the hash of the body stands for it"
        description="The same bytes within 72 hours are then a duplicate and start nothing"
        checked={draft.isDeduped}
        error={detailAt(error, '/dedupe')}
        onChange={({ currentTarget }) => onChange({ isDeduped: currentTarget.checked })}
      />
    </>
  );
}

/** What only some ways of verifying have. */
function Names(props: FieldsProps & { scheme: Scheme | undefined }): JSX.Element {
  const { scheme, draft, error, onChange } = props;
  return (
    <>
      {scheme?.needs_username === true && (
        <TextInput
          label="User"
          description="The name that the sender logs in with"
          value={draft.username}
          error={detailAt(error, '/username')}
          onChange={({ currentTarget }) => onChange({ username: currentTarget.value })}
        />
      )}
      {scheme?.needs_receive_id === true && (
        <TextInput
          label="Receive id"
          description="企业ID (CorpID); a third-party app’s SuiteID; empty for a bot"
          value={draft.receiveId}
          error={detailAt(error, '/receive_id')}
          onChange={({ currentTarget }) => onChange({ receiveId: currentTarget.value })}
        />
      )}
    </>
  );
}

function SchemeSelect(props: FieldsProps & { schemes: Schemes }): JSX.Element | null {
  const { schemes, draft, error, onChange } = props;
  if (schemes.length < 2) return null;
  return (
    <NativeSelect
      label="Verified by"
      description="Another one needs its secret first: add it with “Rotate a secret”"
      value={String(schemes.findIndex((it) => isSchemeOf(draft, it)))}
      error={detailAt(error, '/mode') ?? detailAt(error, '/scheme')}
      data={schemes.map((it, index) => ({ value: String(index), label: schemeTitle(it) }))}
      onChange={({ currentTarget: { value } }) => {
        const { mode, scheme } = schemes[Number(value)] ?? draft;
        onChange({ mode, scheme });
      }}
    />
  );
}
