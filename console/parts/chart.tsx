import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { JSX } from 'react';
import classes from './chart.module.css';
import type { Tone } from './state-badge.tsx';
import { exactTime } from './time.tsx';

/** One line, or one layer of a stack. */
export interface ChartSeries {
  readonly name: string;
  readonly tone: Tone;
  /** One per instant; null leaves a gap. */
  readonly values: readonly (number | null)[];
}

export interface ChartProps {
  /** What it shows: "Deliveries per minute". */
  readonly label: string;
  /** Instants, in ms since 1970, rising. */
  readonly at: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly kind: 'stacked' | 'lines';
  readonly heightPx?: number;
  /** Behind a value: " ms". */
  readonly unit?: string;
  /** A range was drawn with the mouse, in ms since 1970. */
  readonly onSelect?: (fromMs: number, toMs: number) => void;
  /** The range that is shown as drawn, in ms since 1970. Keep it the same object between renderings. */
  readonly selected?: readonly [fromMs: number, toMs: number] | undefined;
}

const ChartPlot = lazy(async () => ({ default: (await import('./chart-plot.tsx')).ChartPlot }));

/** Values over time, in UTC; the same as a table for who can't see it. */
export function Chart(props: ChartProps): JSX.Element {
  const { label, heightPx = 180 } = props;
  return (
    <figure className={classes.figure} aria-label={label}>
      <figcaption className={classes.caption}>{label}</figcaption>
      <Suspense fallback={<Skeleton height={heightPx} />}>
        <ChartPlot {...props} heightPx={heightPx} />
      </Suspense>
      <details className={classes.table}>
        <summary>As a table</summary>
        <ValueTable {...props} />
      </details>
    </figure>
  );
}

function ValueTable({ label, at, series, unit = '' }: ChartProps): JSX.Element {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={`${label}, as a table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">From</th>
            {series.map(({ name }) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {at.map((ms, index) => (
            <tr key={ms}>
              <th scope="row">{exactTime(new Date(ms).toISOString())}</th>
              {series.map(({ name, values }) => (
                <td key={name}>{values[index] == null ? '–' : `${values[index]}${unit}`}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
