import { Spotlight, spotlight } from '@mantine/spotlight';
import type { SpotlightActionData } from '@mantine/spotlight';
import '@mantine/spotlight/styles.css';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { JSX } from 'react';
import { pathOfId } from '../id-path.ts';
import { pages } from '../pages/index.ts';
import { Icon } from '../parts/icon.tsx';
import { shortId } from '../parts/id.tsx';

/** Go to a page by its name, or to anything by its id. Opens when `searches` grows. */
export function Palette({ searches }: { searches: number }): JSX.Element {
  const navigate = useNavigate();
  const [query, setQuery] = useState('');
  useEffect(() => spotlight.open(), [searches]);
  const go = (path: string) => (): void => void navigate({ to: path });
  return (
    <Spotlight
      actions={actionsFor(query, go)}
      query={query}
      onQueryChange={setQuery}
      filter={(_, actions) => actions}
      shortcut={null}
      attributes={{ content: { 'aria-label': 'Go to' } }}
      styles={{ actionDescription: { color: 'inherit', opacity: 1 } }}
      nothingFound="No page has such a name, and it is no id"
      searchProps={{
        placeholder: 'A page, or an id: evt_… dlv_… run_… ep_… int_… rej_… rpl_… trg_… ses_… imp_…',
        'aria-label': 'A page or an id',
        leftSection: <Icon name="search" />,
      }}
    />
  );
}

function actionsFor(query: string, go: (path: string) => () => void): SpotlightActionData[] {
  const words = query.trim().toLowerCase();
  const idPath = pathOfId(query);
  const found = pages
    .filter(({ path }) => !path.includes('$'))
    .filter(({ title, section }) => `${section ?? ''} ${title}`.toLowerCase().includes(words))
    .map(({ path, title, section }) => ({
      id: path,
      label: title,
      onClick: go(path),
      ...(section === null ? {} : { description: section }),
    }));
  if (idPath === undefined) return found;
  return [{ id: 'id', label: `Go to ${shortId(query.trim())}`, onClick: go(idPath) }, ...found];
}
