import { Alert, Button, Group } from '@mantine/core';
import { useEffect } from 'react';
import type { JSX } from 'react';
import { connection } from '../api/client.ts';
import { queryClient } from '../api/query-client.ts';
import { Icon } from '../parts/icon.tsx';

/** Soon enough to be seen as "at once" when it is back; a question costs next to nothing. */
const askAgainMs = 3000;

/** Says that the server is away, asks it again, and reads again what is shown when it is back. */
export function ConnectionBanner(): JSX.Element | null {
  const isLost = connection.use() === 'lost';
  useEffect(() => {
    if (!isLost) return undefined;
    const timer = setInterval(() => void askAgain(), askAgainMs);
    return () => {
      clearInterval(timer);
      void queryClient.invalidateQueries(); // It is back.
    };
  }, [isLost]);
  if (!isLost) return null;
  return (
    <Alert color="yellow" role="status" mb="md" icon={<Icon name="alert" />}>
      <Group gap="sm">
        The server does not answer: trying again
        <Button size="compact-sm" variant="default" onClick={() => void askAgain()}>
          Now
        </Button>
      </Group>
    </Alert>
  );
}

async function askAgain(): Promise<void> {
  if (await isServerUp()) connection.set('up');
}

/** Whether the server answers anything of its own. */
export async function isServerUp(): Promise<boolean> {
  try {
    return (await fetch('/healthz', { cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}
