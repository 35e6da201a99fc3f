import { Progress, Text } from '@mantine/core';
import type { JSX } from 'react';

export interface ProgressBarProps {
  /** What it measures, for who can't see the page: "Progress of the import". */
  readonly label: string;
  /** What it says, above it: "12 of 40". */
  readonly words: string;
  readonly max: number;
  /** From the left; together they may be more than `max`. */
  readonly sections: readonly { readonly color: string; readonly value: number }[];
}

/** How much of something there is: in words, in per cent and as a bar. */
export function ProgressBar({ label, words, max, sections }: ProgressBarProps): JSX.Element {
  const through = sections.reduce((sum, { value }) => sum + value, 0);
  const percent = (value: number): number => (max === 0 ? 0 : (value / max) * 100);
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {words} ({Math.floor(percent(through))}&nbsp;%)
      </Text>
      <Progress.Root
        size="lg"
        role="progressbar"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={max}
        aria-valuenow={Math.min(through, max)}
        aria-valuetext={words}
      >
        {sections.map(({ color, value }) => (
          <Progress.Section
            key={color}
            value={Math.min(percent(value), 100)}
            color={color}
            withAria={false}
          />
        ))}
      </Progress.Root>
    </div>
  );
}
