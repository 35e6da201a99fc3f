import { NativeSelect, PasswordInput, Text, Textarea, TextInput } from '@mantine/core';
import type { JSX } from 'react';
import { detailAt } from '../../api/problem.ts';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { isAuthKept, ofKind } from './auth-draft.ts';
import type { AuthDraft, AuthKind } from './auth-draft.ts';
import { detailOf } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';

const kinds: readonly { value: AuthKind; label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 'basic', label: 'Basic: a name and a password' },
  { value: 'bearer', label: 'Bearer: a token' },
  { value: 'oauth2', label: 'OAuth 2: client credentials' },
  { value: 'mtls', label: 'mTLS: a client certificate' },
];

export interface AuthFieldsProps {
  readonly kept: Endpoint['auth'];
  readonly draft: AuthDraft;
  readonly error: Error | null;
  readonly onChange: (draft: AuthDraft) => void;
}

/** How attempts introduce themselves. What is secret can be typed, and never be seen again. */
export function AuthFields(props: AuthFieldsProps): JSX.Element {
  const { kept, draft, error, onChange } = props;
  return (
    <>
      <NativeSelect
        label="Auth"
        description="How each attempt introduces itself, besides its signature"
        value={draft.kind}
        data={[...kinds]}
        error={detailOf(error, '/auth')}
        onChange={({ currentTarget }) => {
          const kind = kinds.find(({ value }) => value === currentTarget.value)?.value ?? 'none';
          onChange(ofKind(kind, kept));
        }}
      />
      <OfKind {...props} />
    </>
  );
}

function OfKind(props: AuthFieldsProps): JSX.Element | null {
  switch (props.draft.kind) {
    case 'none':
      return null;
    case 'basic':
      return (
        <>
          <Shown {...props} label="User name" name="username" pointer="/auth/username" isRequired />
          <Secret {...props} label="Password" pointer="/auth/password" mayBeEmpty />
        </>
      );
    case 'bearer':
      return <Secret {...props} label="Token" pointer="/auth/token" />;
    case 'oauth2':
      return (
        <>
          <Shown
            {...props}
            label="Token URL"
            name="tokenUrl"
            pointer="/auth/token_url"
            isRequired
          />
          <Shown
            {...props}
            label="Client id"
            name="clientId"
            pointer="/auth/client_id"
            isRequired
          />
          <Secret {...props} label="Client secret" pointer="/auth/client_secret" />
          <Shown {...props} label="Scope" name="scope" pointer="/auth/scope" />
        </>
      );
    case 'mtls':
      return (
        <>
          <KeptCertificate kept={props.kept} />
          <Pem {...props} label="Certificate" name="certificate" />
          <Pem {...props} label="Private key" name="key" />
        </>
      );
  }
}

function Shown(
  props: AuthFieldsProps & {
    label: string;
    name: 'username' | 'tokenUrl' | 'clientId' | 'scope';
    pointer: string;
    isRequired?: boolean;
  },
): JSX.Element {
  const { draft, label, name, pointer, error, onChange, isRequired = false } = props;
  return (
    <TextInput
      label={label}
      value={draft[name]}
      required={isRequired}
      spellCheck={false}
      autoComplete="off"
      error={detailAt(error, pointer)}
      onChange={({ currentTarget }) => onChange({ ...draft, [name]: currentTarget.value })}
    />
  );
}

/** Whether there is one of the kind that stays when nothing is typed. */
function hasKept({ kept, draft }: AuthFieldsProps): boolean {
  return kept?.kind === draft.kind;
}

function secretWords(props: AuthFieldsProps): string {
  if (!hasKept(props)) return 'Never shown again';
  return 'Unchanged unless typed. A change of anything else of the auth needs it anew';
}

/** The API replaces all of an auth: what it never tells us must be typed again. */
function isNeeded(props: AuthFieldsProps): boolean {
  return !isAuthKept(props.draft, props.kept);
}

function Secret(
  props: AuthFieldsProps & { label: string; pointer: string; mayBeEmpty?: boolean },
): JSX.Element {
  const { draft, label, pointer, error, onChange, mayBeEmpty = false } = props;
  return (
    <PasswordInput
      label={label}
      description={secretWords(props)}
      placeholder={hasKept(props) ? 'Unchanged' : ''}
      value={draft.secret}
      required={isNeeded(props) && (!mayBeEmpty || hasKept(props))}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': `Show what is typed: ${label}` }}
      error={detailAt(error, pointer)}
      onChange={({ currentTarget }) => onChange({ ...draft, secret: currentTarget.value })}
    />
  );
}

function Pem(props: AuthFieldsProps & { label: string; name: 'certificate' | 'key' }): JSX.Element {
  const { draft, label, name, error, onChange } = props;
  const what = name === 'certificate' ? 'PEM, and its chain. ' : 'PEM, without a passphrase. ';
  return (
    <Textarea
      label={label}
      description={`${what}${secretWords(props)}`}
      placeholder={hasKept(props) ? 'Unchanged' : ''}
      value={draft[name]}
      required={isNeeded(props)}
      rows={4}
      spellCheck={false}
      autoComplete="off"
      styles={{ input: { fontFamily: 'var(--mono)' } }}
      error={detailAt(error, `/auth/${name}`)}
      onChange={({ currentTarget }) => onChange({ ...draft, [name]: currentTarget.value })}
    />
  );
}

function KeptCertificate({ kept }: Pick<AuthFieldsProps, 'kept'>): JSX.Element | null {
  if (kept?.kind !== 'mtls') return null;
  return (
    <Text size="sm">
      Kept: {visibleLine(kept.subject)}, valid until <Time at={kept.valid_to} isExact />
    </Text>
  );
}
