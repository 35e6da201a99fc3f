import { Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { Copyable } from '../../parts/copyable.tsx';
import { HeaderTable, KeyValues } from '../../parts/key-values.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import { Body } from '../../parts/body.tsx';

type Request = Answers['DeliveryRequest'];

/** What an attempt sent, or will send. */
export function SentRequest({ request }: { request: Request }): JSX.Element {
  const { method, url, headers, body, body_base64: base64, is_sent: isSent } = request;
  return (
    <Stack gap="sm">
      {!isSent && (
        <Text size="sm">
          This was not sent. It would be sent like this, and is signed when it is sent.
        </Text>
      )}
      <KeyValues
        facts={[
          ['Method', method],
          ['URL', visibleLine(url)],
        ]}
      />
      <Title order={3} size="h5">
        Headers of the request
      </Title>
      <HeaderTable headers={shownHeaders(headers)} />
      <Title order={3} size="h5">
        Body of the request
      </Title>
      {body === null ? (
        <>
          <Text size="sm">It is no text. In base64:</Text>
          <Body text={base64 ?? ''} label="the body of the request" />
        </>
      ) : (
        <Body text={body} label="the body of the request" />
      )}
    </Stack>
  );
}

/** A header of an attempt to come that is not known yet is null. */
function shownHeaders(headers: Request['headers']): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value ?? '(signed when it is sent)']),
  );
}

const askSecret = `read -rs SECRET`;

/** What was signed, and how to compute it again. */
export function Signatures({ request }: { request: Request }): JSX.Element {
  const { is_sent: isSent, signed, headers, verify } = request;
  if (!isSent) {
    return <Text size="sm">This was not sent: it is signed when it is sent.</Text>;
  }
  return (
    <Stack gap="sm">
      {signed.map(({ header, algorithm, base_string_prefix: prefix, key_hint: key }) => (
        <div key={header}>
          <Title order={3} size="h5">
            {header}
          </Title>
          <KeyValues
            facts={[
              ['Header', <code key="header">{headerOf(headers, header)}</code>],
              [
                'Base string',
                <span key="base">
                  <code>{prefix}</code> and right behind it the bytes of the body
                </span>,
              ],
              ['Algorithm', algorithm],
              ['Key', key],
            ]}
          />
        </div>
      ))}
      <Title order={3} size="h5">
        Verify it yourself
      </Title>
      <Text size="sm">
        In a shell with openssl. First give it the endpoint’s secret, which is not shown here: type
        or paste <code>whsec_…</code> and press Enter.
      </Text>
      <Copyable text={askSecret} what="the command that asks for the secret" />
      <Text size="sm">Then this prints both headers; each must equal the one above:</Text>
      <Copyable text={verify.shell} what="the command that signs" />
    </Stack>
  );
}

function headerOf(headers: Request['headers'], name: string): string {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  return visibleLine(found?.[1] || 'none: the endpoint had no valid secret then');
}
