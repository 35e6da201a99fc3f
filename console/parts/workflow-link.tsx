import type { JSX } from 'react';
import { useSetup } from '../api/system.ts';
import { CopyButton } from './copy-button.tsx';
import { ExternalLink } from './external-link.tsx';

/** A workflow by its id, with a link to it in the Temporal Web UI, which the server hands on. */
export function WorkflowLink({ id }: { id: string }): JSX.Element {
  const namespace = encodeURIComponent(useSetup()?.temporal.namespace ?? 'default');
  return (
    <span>
      <ExternalLink to={`/temporal/namespaces/${namespace}/workflows/${encodeURIComponent(id)}`}>
        {id}
      </ExternalLink>{' '}
      <CopyButton text={id} what="the workflow’s id" />
    </span>
  );
}
