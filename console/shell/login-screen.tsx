import { Button, Center, List, Paper, Stack, Text, Title } from '@mantine/core';
import { useEffect } from 'react';
import type { JSX } from 'react';
import { login } from '../api/client.ts';
import { queryClient } from '../api/query-client.ts';
import { Copyable } from '../parts/copyable.tsx';
import { Logo } from './logo.tsx';

/** Shown instead of everything when the API asks for a login; the address stays. */
export function LoginScreen(): JSX.Element {
  const title = login.use() === 'ended' ? 'Your login has ended' : 'Log in';
  useEffect(() => {
    document.title = `${title} · Durahook`;
  }, [title]);
  function tryAgain(): void {
    queryClient.clear();
    login.set('open');
  }
  return (
    <Center component="main" mih="100vh" p="md">
      <Paper withBorder p="xl" maw={480} w="100%">
        <Stack gap="md">
          <Logo />
          <Title order={1}>{title}</Title>
          <Text size="sm">The console opens with a link that works once:</Text>
          <List size="sm" spacing="xs">
            <List.Item>the one that the server printed when it started, or</List.Item>
            <List.Item>
              a new one, made on the server’s machine:
              <Copyable text="npx durahook login-link" what="the command" />
            </List.Item>
          </List>
          <Text size="sm">Open the link in this browser, then come back to this page.</Text>
          <Button onClick={tryAgain}>Try again</Button>
        </Stack>
      </Paper>
    </Center>
  );
}
