import type { JSX } from 'react';
import { useId } from '../../address.ts';
import { useRead } from '../../api/read.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { PageLoading } from '../../shell/page-loading.tsx';
import { Editor } from './editor.tsx';

/** As often as a server looks for new revisions, about. */
const everyMs = 10_000;

/** A trigger’s text: written, checked, tried and saved. Without an id in the address it is a new one. */
export function Page(): JSX.Element {
  const id = useId();
  return id === '' ? <Editor key="new" trigger={undefined} /> : <Existing key={id} id={id} />;
}

function Existing({ id }: { id: string }): JSX.Element {
  const { data, error, refetch } = useRead('/v1/triggers/{id}', { id, everyMs });
  if (data) return <Editor trigger={data} />;
  return (
    <>
      <PageHeader title="Edit a trigger" />
      {error ? <ProblemAlert error={error} onRetry={() => void refetch()} /> : <PageLoading />}
    </>
  );
}
