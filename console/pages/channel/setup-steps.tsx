import { Alert, List, Paper, Stack, Text, Title } from '@mantine/core';
import type { JSX } from 'react';
import { channelTitle } from '../../parts/channels.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { Icon } from '../../parts/icon.tsx';
import { schemeTitle } from './channel-words.ts';
import type { Integration } from './channel-words.ts';
import { stepsOf } from './steps.ts';
import type { Step } from './steps.ts';

/** The address to give to the provider, and what to do there. */
export function SetupSteps({ integration }: { integration: Integration }): JSX.Element {
  const { channel, url, mode } = integration;
  const where = mode === 'platform' ? 'your sender' : channelTitle(channel);
  return (
    <Paper component="section" withBorder p="md" aria-labelledby="address">
      <Stack gap="sm">
        <Title order={2} id="address">
          Address
        </Title>
        <Copyable text={url} what="the address" />
        {isLocal(url) && <LocalWarning />}
        <details open={integration.secrets.every(({ used_count: count }) => count === 0)}>
          <summary>
            How to set it up at {where}, verified by {schemeTitle(integration)}
          </summary>
          <List type="ordered" size="sm" spacing="sm" mt="sm" listStyleType="decimal" withPadding>
            {stepsOf(integration).map((step) => (
              <List.Item key={step.text}>
                <StepLine step={step} integration={integration} />
              </List.Item>
            ))}
          </List>
        </details>
      </Stack>
    </Paper>
  );
}

function StepLine(props: { step: Step; integration: Integration }): JSX.Element {
  const { text, copy } = props.step;
  return (
    <>
      <Words text={text} />
      {copy && <Copyable text={copy(props.integration)} what="what this step needs" />}
    </>
  );
}

/** What stands between `**` is strong. */
function Words({ text }: { text: string }): JSX.Element {
  const parts = text.split('**');
  return (
    <Text size="sm" span>
      {/* oxlint-disable-next-line react/no-array-index-key -- the text is a constant */}
      {parts.map((part, index) => (index % 2 === 1 ? <strong key={index}>{part}</strong> : part))}
    </Text>
  );
}

function LocalWarning(): JSX.Element {
  return (
    <Alert
      color="yellow"
      icon={<Icon name="info" />}
      title="Only this machine reaches this address"
    >
      Start the server with PUBLIC_URL set to the address under which providers reach it.
    </Alert>
  );
}

function isLocal(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]';
}
