import { Button, Group, Stack, Tabs, Text } from '@mantine/core';
import type { JSX } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { JsonViewer } from '../../parts/json-viewer.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { sizeWords } from '../../parts/size-words.ts';
import type { Answers } from '../../../src/client/index.ts';

type Event = Answers['Event'];

/** The body as it came: as a tree where it is JSON, as text where it is text, as a file where it is at hand. */
export function BodyTabs({ event }: { event: Event }): JSX.Element {
  const { body, body_base64: base64, body_text: text } = event;
  if (event.body_bytes === 0) return <Text size="sm">Empty</Text>;
  const isTree = typeof body === 'object' && body !== null;
  return (
    <Stack gap="xs">
      <Download event={event} />
      {base64 !== undefined && (
        <>
          <Text size="sm">It is no text. Its bytes, in base64:</Text>
          <PlainText text={base64} label="the body in base64" />
        </>
      )}
      {base64 === undefined && isTree && (
        <Tabs defaultValue="tree" keepMounted={false}>
          <Tabs.List mb="xs">
            <Tabs.Tab value="tree">As JSON</Tabs.Tab>
            <Tabs.Tab value="text">As text</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="tree">
            <JsonViewer value={body} label="the body as JSON" />
          </Tabs.Panel>
          <Tabs.Panel value="text">
            <BodyText event={event} />
          </Tabs.Panel>
        </Tabs>
      )}
      {base64 === undefined && !isTree && text !== null && <BodyText event={event} />}
    </Stack>
  );
}

function BodyText({ event }: { event: Event }): JSX.Element {
  const whole = wholeText(event);
  return (
    <Stack gap={4}>
      {whole === undefined && (
        <Text size="sm">
          The first MiB of {sizeWords(event.body_bytes)} as it came. Under “As JSON” is all of it,
          formatted anew.
        </Text>
      )}
      <PlainText text={whole ?? event.body_text ?? ''} label="the body as text" />
    </Stack>
  );
}

/** All of the text, as it came; undefined where only its beginning and what was parsed of it are at hand. */
function wholeText({ body, body_text: text, is_body_cut: isCut }: Event): string | undefined {
  if (text === null) return undefined;
  if (!isCut) return text;
  return typeof body === 'string' && body.startsWith(text) ? body : undefined;
}

function Download({ event }: { event: Event }): JSX.Element | null {
  const file = fileOf(event);
  if (!file) return null;
  return (
    <Group justify="flex-end">
      <Button
        variant="default"
        size="xs"
        leftSection={<Icon name="download" size={14} />}
        onClick={() => save(file, event.id)}
      >
        Download the body, {sizeWords(event.body_bytes)}
      </Button>
    </Group>
  );
}

function fileOf(event: Event): Blob | undefined {
  if (event.body_base64 !== undefined) {
    return new Blob([Uint8Array.from(atob(event.body_base64), (byte) => byte.charCodeAt(0))]);
  }
  const text = wholeText(event);
  return text === undefined ? undefined : new Blob([text]);
}

/** Of no type: a browser saves it, and never shows it. */
function save(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.body`;
  link.click();
  URL.revokeObjectURL(url);
}
