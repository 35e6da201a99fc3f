import { ActionIcon } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { copyText } from './clipboard.ts';
import { Icon } from './icon.tsx';

/** Long enough to be seen. */
const shownMs = 1500;

/** Copies a text. `what` names it for who can't see it: "Copy the id". */
export function CopyButton({ text, what }: { text: string; what: string }): JSX.Element {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  async function copy(): Promise<void> {
    setState((await copyText(text)) ? 'copied' : 'failed');
    setTimeout(() => setState('idle'), shownMs);
  }
  const says = { idle: `Copy ${what}`, copied: 'Copied', failed: 'Select and copy it yourself' };
  const icons = { idle: 'copy', copied: 'check', failed: 'close' } as const;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      aria-label={says[state]}
      title={says[state]}
      onClick={() => void copy()}
    >
      <Icon name={icons[state]} size={14} />
    </ActionIcon>
  );
}
