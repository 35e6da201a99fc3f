import { SegmentedControl, Stack } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { JSX } from 'react';
import { JsonViewer } from './json-viewer.tsx';
import { PlainText } from './plain-text.tsx';

/** A body as the text that it is, or as JSON where it is that. `label`: "the body of the request". */
export function Body({ text, label }: { text: string; label: string }): JSX.Element {
  const json = useMemo(() => parse(text), [text]);
  const [form, setForm] = useState('json');
  if (json === undefined) return <PlainText text={text} label={label} />;
  return (
    <Stack gap="xs" align="stretch">
      <SegmentedControl
        size="xs"
        w="fit-content"
        aria-label={`Show ${label} as`}
        data={[
          { value: 'json', label: 'JSON' },
          { value: 'text', label: 'As it was sent' },
        ]}
        value={form}
        onChange={setForm}
      />
      {form === 'json' ? (
        <JsonViewer value={json.value} label={label} />
      ) : (
        <PlainText text={text} label={label} />
      )}
    </Stack>
  );
}

/** Undefined for what is no JSON. */
function parse(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
