import { Paper, Stack, Text, Title } from '@mantine/core';
import { useMemo } from 'react';
import type { JSX } from 'react';
import { JsonViewer } from '../../parts/json-viewer.tsx';
import { HeaderTable, KeyValues } from '../../parts/key-values.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';

type Request = Answers['WholeRejectedRequest'];

/** The request as it was kept, secrets replaced; text only, whatever it is. */
export function RequestAsSent({ request }: { request: Request }): JSX.Element {
  const { method, query, headers, body_bytes: bytes } = request;
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="sent">
      <Stack gap="sm">
        <div>
          <Title order={2} id="sent">
            The request
          </Title>
          <Text size="sm" c="dimmed">
            Secrets in it are shown as ***.
          </Text>
        </div>
        <KeyValues
          facts={[
            ['Method', visibleLine(method)],
            ['Query', query === '' ? 'None' : <code key="query">{visibleLine(query)}</code>],
          ]}
        />
        <Title order={3} size="h5">
          Headers
        </Title>
        <HeaderTable headers={headers} />
        <Title order={3} size="h5">
          Body, {bytes.toLocaleString('en')} bytes
        </Title>
        <Body request={request} />
      </Stack>
    </Paper>
  );
}

function Body({ request }: { request: Request }): JSX.Element {
  const { body, body_base64: base64 } = request;
  const json = useMemo(() => parseObject(body), [body]);
  if (json !== undefined) {
    return (
      <>
        <JsonViewer value={json} label="the body" />
        <details>
          <summary>As it came</summary>
          <PlainText text={body ?? ''} label="the body as it came" />
        </details>
      </>
    );
  }
  if (body !== null) return <PlainText text={body} label="the body" />;
  return (
    <>
      <Text size="sm">It is no text. Its beginning in base64:</Text>
      <PlainText text={base64 ?? ''} label="the body in base64" />
    </>
  );
}

/** Undefined for what is no JSON, or was cut after 64 KiB. */
function parseObject(text: string | null): object | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
