import { Button } from '@mantine/core';
import { useEffect, useEffectEvent } from 'react';
import type { JSX } from 'react';
import { AppLink } from '../../parts/app-link.tsx';
import { Icon } from '../../parts/icon.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Trigger, WrittenText } from './use-text.ts';

/** Which trigger is edited, and the button that saves it, for which Ctrl S stands too. */
export function EditorHead(props: {
  trigger: Trigger | undefined;
  written: WrittenText;
}): JSX.Element {
  const { trigger, written } = props;
  const { isDirty, saving } = written;
  const isFile = trigger?.origin === 'file';
  const canSave = !isFile && (isDirty || trigger === undefined);
  const save = (): void => {
    if (canSave && !saving.isPending) saving.mutate();
  };
  useSaveKey(save);
  return (
    <PageHeader
      title={trigger ? `Edit ${visibleLine(trigger.name)}` : 'New trigger'}
      badge={isDirty && !isFile ? <Badge tone="warn">not saved</Badge> : undefined}
      about={<About trigger={trigger} />}
      actions={
        !isFile && (
          <Button
            size="xs"
            leftSection={<Icon name="check" size={14} />}
            disabled={!canSave}
            loading={saving.isPending}
            onClick={save}
          >
            Save
          </Button>
        )
      }
    />
  );
}

function About({ trigger }: { trigger: Trigger | undefined }): JSX.Element {
  if (trigger === undefined) return <>Which events start what, as YAML. Saved, it fires at once.</>;
  return (
    <>
      Saved, it is a new revision of <AppLink to={`/triggers/${trigger.id}`}>the trigger</AppLink>,
      which is at revision {trigger.revision}; runs keep the revision that they were planned with.
    </>
  );
}

/** Ctrl S, or ⌘ S, wherever the keyboard is. */
function useSaveKey(save: () => void): void {
  const act = useEffectEvent((event: KeyboardEvent) => {
    if (event.key.toLowerCase() !== 's' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    save();
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent): void => act(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
}
