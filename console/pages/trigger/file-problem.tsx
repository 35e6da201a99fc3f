import { Alert, List, Text } from '@mantine/core';
import type { JSX } from 'react';
import { Icon } from '../../parts/icon.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';

type Trigger = Answers['TriggerWithText'];

/** What is wrong with the file as it is now, and what fires meanwhile. */
export function FileProblem({ trigger }: { trigger: Trigger }): JSX.Element | null {
  const { problem, file, is_active: isActive, revision } = trigger;
  if (problem === null) return isActive || file === null ? null : <Gone file={file} />;
  return (
    <Alert
      color="red"
      role="alert"
      mb="md"
      icon={<Icon name="alert" />}
      title="Its file has a mistake"
    >
      <List size="sm">
        {problem.split('\n').map((line) => (
          <List.Item key={line}>{placeInWords(line)}</List.Item>
        ))}
      </List>
      <Text size="sm" mt="xs">
        {isActive
          ? `Revision ${revision}, the last good one, still fires.`
          : 'It was never good: nothing of it fires.'}{' '}
        Correct the file and start the server again.
      </Text>
    </Alert>
  );
}

/** `review.yaml:7:3: do.with: what is wrong`, with the place in words; anything else as it is. */
function placeInWords(text: string): string {
  const [, file, line, column, rest] = /^(.+?):(\d+):(\d+): ([^]*)$/.exec(text) ?? [];
  if (file === undefined || rest === undefined) return visibleLine(text);
  return visibleLine(`${file}, line ${line}, column ${column}: ${rest}`);
}

function Gone({ file }: { file: string }): JSX.Element {
  return (
    <Alert color="gray" mb="md" icon={<Icon name="info" />} title="It fires no more">
      <Text size="sm">
        The file {visibleLine(file)} is gone, or names another trigger now. Its runs and revisions
        are kept.
      </Text>
    </Alert>
  );
}
