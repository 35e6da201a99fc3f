import { Text } from '@mantine/core';
import type { JSX } from 'react';
import { LineDiff } from '../trigger/line-diff.tsx';

/** What the text would change of the current revision. */
export function Difference(props: { revision: number; before: string; text: string }): JSX.Element {
  const { revision, before, text } = props;
  if (text === before) return <Text size="sm">The text is that of revision {revision}.</Text>;
  return <LineDiff before={before} after={text} />;
}
