import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { JSX } from 'react';
import { connection } from '../api/client.ts';
import { Icon } from '../parts/icon.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { visibleText } from '../parts/visible-text.ts';
import { isServerUp } from './connection-banner.tsx';
import { PageLoadError } from './load-page.ts';

/** In place of a page that failed: its code could not be loaded, or has a fault. */
export function PageFailure({ error, reset }: ErrorComponentProps): JSX.Element {
  if (error instanceof PageLoadError) return <LoadFailure />;
  return (
    <>
      <PageHeader title="This page failed" />
      <Alert color="red" role="alert" icon={<Icon name="alert" />}>
        <Stack gap="xs" align="flex-start">
          <Text size="sm">
            {visibleText(error instanceof Error ? error.message : String(error))}
          </Text>
          <Text size="sm">It is a fault of the console. What runs is not touched by it.</Text>
          <Group gap="xs">
            <Button size="xs" variant="default" onClick={reset}>
              Try again
            </Button>
            <Button size="xs" variant="default" component="a" href="/console/">
              Overview
            </Button>
          </Group>
        </Stack>
      </Alert>
    </>
  );
}

function LoadFailure(): JSX.Element {
  const isAway = connection.use() === 'lost';
  const wasAway = useRef(false);
  useEffect(() => {
    void findOut();
  }, []);
  useEffect(() => {
    if (wasAway.current && !isAway) window.location.reload(); // It is back.
    wasAway.current = isAway;
  }, [isAway]);
  return (
    <>
      <PageHeader title="This page could not be loaded" />
      <Alert color="yellow" role="alert" icon={<Icon name="alert" />}>
        <Stack gap="xs" align="flex-start">
          <Text size="sm">
            {isAway
              ? 'Its code comes from the server. The page is loaded as soon as it answers.'
              : 'A new version may have been installed. Load the console again.'}
          </Text>
          <Button size="xs" variant="default" onClick={() => void reload()}>
            Load again
          </Button>
        </Stack>
      </Alert>
    </>
  );
}

/** Without a server the browser would show its own page, and this one would be gone. */
async function reload(): Promise<void> {
  if (await isServerUp()) window.location.reload();
  else connection.set('lost');
}

async function findOut(): Promise<void> {
  if (!(await isServerUp())) connection.set('lost');
}
