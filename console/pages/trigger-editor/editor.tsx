import { Stack, Text } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import type { JSX } from 'react';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { CheckResult } from './check-result.tsx';
import classes from './editor.module.css';
import { EditorHead } from './editor-head.tsx';
import { InFile } from './in-file.tsx';
import { LeaveGuard } from './leave-guard.tsx';
import { Newer } from './newer.tsx';
import { Trials } from './trials.tsx';
import { useCheck } from './use-check.ts';
import type { CheckedText } from './use-check.ts';
import { useSchema } from './use-schema.ts';
import { useText } from './use-text.ts';
import type { Trigger, WrittenText } from './use-text.ts';

/** Its own chunk: what is around it is there at once. */
const CodeEditor = lazy(async () => ({ default: (await import('./code-editor.tsx')).CodeEditor }));

/** The text of a trigger, and beside it what it would do. Undefined: a new one. */
export function Editor({ trigger }: { trigger: Trigger | undefined }): JSX.Element {
  const written = useText(trigger);
  const { text, isDirty, saving } = written;
  const check = useCheck(text);
  const file = trigger?.file ?? null;
  return (
    <>
      <EditorHead trigger={trigger} written={written} />
      <LeaveGuard isDirty={isDirty && file === null} />
      <Stack gap="sm">
        {saving.error && <ProblemAlert error={saving.error} />}
        {trigger && <Newer trigger={trigger} written={written} />}
        <div className={classes.halves}>
          <Stack gap="xs" component="section" aria-label="Text">
            <Written file={file} written={written} checked={check.checked} />
            <CheckResult {...check} />
          </Stack>
          <Trials trigger={trigger} text={text} checked={check.checked} />
        </div>
      </Stack>
    </>
  );
}

const hintId = 'how-to-leave-the-text';

interface WrittenProps {
  /** Where the text is kept; null here. */
  readonly file: string | null;
  readonly written: WrittenText;
  readonly checked: CheckedText | undefined;
}

/** What comes from a file is opened for reading, until somebody wants to try a change. */
function Written({ file, written, checked }: WrittenProps): JSX.Element {
  const { base, version, write } = written;
  const [isTrying, setTrying] = useState(false);
  const schema = useSchema();
  return (
    <>
      {file !== null && <InFile file={file} isTrying={isTrying} onTry={() => setTrying(true)} />}
      <Suspense fallback={<PageLoading />}>
        <CodeEditor
          key={version}
          initial={base.text}
          isReadOnly={file !== null && !isTrying}
          checked={checked}
          schema={schema}
          hintId={hintId}
          onChange={write}
        />
      </Suspense>
      <Text id={hintId} size="xs" c="dimmed">
        Ctrl Space offers what may stand there. Tab indents; Escape and then Tab leaves the text.
      </Text>
    </>
  );
}
