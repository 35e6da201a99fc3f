import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import type { JSX } from 'react';
import { problemOf } from '../api/problem.ts';
import { CopyButton } from './copy-button.tsx';
import { Icon } from './icon.tsx';
import { visibleText } from './visible-text.ts';

/** Why something did not work: an `ApiProblem` or any error, each wrong field, the request's id, and another go. */
export function ProblemAlert({
  error,
  onRetry,
}: {
  error: unknown;
  onRetry?: () => void;
}): JSX.Element {
  const { title, detail, errors, requestId } = problemOf(error).said;
  return (
    <Alert color="red" role="alert" icon={<Icon name="alert" />} title={visibleText(title)}>
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{visibleText(detail)}</Text>
        {errors.length > 0 && (
          <List size="sm">
            {errors.map((item) => (
              <List.Item key={`${item.pointer} ${item.detail}`}>
                <code>{visibleText(item.pointer)}</code>: {visibleText(item.detail)}
              </List.Item>
            ))}
          </List>
        )}
        {requestId !== undefined && (
          <Group gap={4}>
            <Text size="xs" c="dimmed">
              Request {visibleText(requestId)}
            </Text>
            <CopyButton text={requestId} what="the request’s id" />
          </Group>
        )}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
