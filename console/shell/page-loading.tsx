import { Skeleton, Stack } from '@mantine/core';
import type { JSX } from 'react';

/** In place of a page whose code is on its way. */
export function PageLoading(): JSX.Element {
  return (
    <Stack role="status" aria-label="Loading the page">
      <Skeleton height={28} width={220} />
      <Skeleton height={200} />
    </Stack>
  );
}
