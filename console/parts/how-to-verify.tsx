import { List, Stack, Text } from '@mantine/core';
import type { JSX } from 'react';
import { Copyable } from './copyable.tsx';
import { ExternalLink } from './external-link.tsx';

/** In Node, with any library of Standard Webhooks. */
const example = `import { Webhook } from 'standardwebhooks';
const event = new Webhook(secret).verify(rawBody, request.headers);`;

/** For the consumer of an endpoint: how to know that a request comes from here. */
export function HowToVerify(): JSX.Element {
  return (
    <Stack gap="xs">
      <Text size="sm" fw={600}>
        How the consumer verifies a request
      </Text>
      <Text size="sm">
        Every request is signed twice with this secret; checking one is enough. With any library of{' '}
        <ExternalLink to="https://www.standardwebhooks.com">Standard Webhooks</ExternalLink>:
      </Text>
      <Copyable text={example} what="the example" />
      <List size="sm">
        <List.Item>
          <code>webhook-signature</code>: base64 HMAC-SHA256 of{' '}
          <code>{'<webhook-id>.<webhook-timestamp>.<body>'}</code>, keyed with the bytes behind{' '}
          <code>whsec_</code>
        </List.Item>
        <List.Item>
          <code>X-Webhook-Signature</code>: hex HMAC-SHA256 of{' '}
          <code>{'<X-Webhook-Timestamp>.<body>'}</code>, keyed with the secret as it is written
        </List.Item>
        <List.Item>
          Verify the raw bytes, refuse what is more than 300 s old, and do the work once per{' '}
          <code>webhook-id</code>
        </List.Item>
      </List>
      <Text size="sm">
        The whole contract, with each event:{' '}
        <ExternalLink to="/docs">API documentation</ExternalLink>
      </Text>
    </Stack>
  );
}
