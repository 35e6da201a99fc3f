import { Button, Group, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useChange } from '../../api/change.ts';
import { answerOf, api } from '../../api/client.ts';
import { detailAt } from '../../api/problem.ts';
import type { Replay } from './replay-words.ts';

/** Changes how fast a replay goes, while it does. */
export function RateForm({ replay }: { replay: Replay }): JSX.Element {
  const { id } = replay;
  const [rate, setRate] = useState<number | string>(replay.rate);
  const setting = useChange(
    (asked: number) =>
      answerOf(api.PATCH('/v1/replays/{id}', { params: { path: { id } }, body: { rate: asked } })),
    (changed) => `From now on it starts up to ${changed.rate} per second`,
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setting.mutate(Number(rate));
      }}
    >
      <Group gap="xs" align="flex-end">
        <NumberInput
          size="xs"
          w={180}
          label="Items per second"
          min={1}
          max={500}
          allowDecimal={false}
          value={rate}
          error={detailAt(setting.error, '/rate')}
          onChange={setRate}
        />
        <Button
          type="submit"
          size="xs"
          variant="default"
          loading={setting.isPending}
          disabled={rate === '' || rate === replay.rate}
        >
          Change the rate
        </Button>
      </Group>
    </form>
  );
}
