import { useComputedColorScheme } from '@mantine/core';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { JSX } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { ChartProps, ChartSeries } from './chart.tsx';
import classes from './chart.module.css';

type PlotProps = ChartProps & { readonly heightPx: number };

/** The drawing of a `Chart`, which loads it when it is needed. */
export function ChartPlot(props: PlotProps): JSX.Element {
  const { at, series, kind, heightPx, unit, onSelect, selected } = props;
  const scheme = useComputedColorScheme('light');
  const box = useRef<HTMLDivElement>(null);
  const select = useEffectEvent((fromMs: number, toMs: number) => onSelect?.(fromMs, toMs));
  const canSelect = onSelect !== undefined;
  useEffect(() => {
    const { current } = box;
    if (!current) return undefined;
    const options = optionsOf(current, { at, series, kind, heightPx, unit: unit ?? '', canSelect });
    const hooks: uPlot.Hooks.Arrays = {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          const atMs = (x: number): number => plot.posToVal(x, 'x') * 1000;
          if (width > 0) select(atMs(left), atMs(left + width));
        },
      ],
      // Before the first drawing nothing has its place yet; with another size, another one.
      draw: [(plot) => selected && showSelected(plot, selected)],
    };
    const drawing = new uPlot({ ...options, hooks }, dataOf({ at, series, kind }), current);
    const resize = new ResizeObserver(() =>
      drawing.setSize({ width: current.clientWidth, height: heightPx }),
    );
    resize.observe(current);
    return () => {
      resize.disconnect();
      drawing.destroy();
    };
  }, [at, series, kind, heightPx, unit, canSelect, selected, scheme]);
  return <div ref={box} className={classes.plot} aria-hidden="true" />;
}

/** Mark a range as if it had just been drawn, as much of it as is in the picture. */
function showSelected(plot: uPlot, [fromMs, toMs]: readonly [number, number]): void {
  const width = plot.bbox.width / devicePixelRatio;
  const place = (ms: number): number => Math.min(width, Math.max(0, plot.valToPos(ms / 1000, 'x')));
  const left = place(fromMs);
  const height = plot.bbox.height / devicePixelRatio;
  plot.setSelect({ left, top: 0, width: place(toMs) - left, height }, false);
}

/** Labels of the time axis by the distance of its ticks in seconds: as uPlot's own, with 24 hours. */
const timeLabels: uPlot.Axis.Values = [
  [86_400, '{MM}-{DD}', '\n{YYYY}', null, null, null, null, null, 1],
  [60, '{HH}:{mm}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
  [1, '{HH}:{mm}:{ss}', '\n{YYYY}-{MM}-{DD}', null, '\n{MM}-{DD}', null, null, null, 1],
];

/** The top of a stack is drawn first, and each layer below it over that. */
function drawnOrder(series: readonly ChartSeries[], kind: ChartProps['kind']): ChartSeries[] {
  return kind === 'stacked' ? series.toReversed() : [...series];
}

function dataOf({
  at,
  series,
  kind,
}: Pick<ChartProps, 'at' | 'series' | 'kind'>): uPlot.AlignedData {
  const seconds = at.map((ms) => ms / 1000);
  if (kind === 'lines') return [seconds, ...series.map(({ values }) => [...values])];
  const sums = series.map((_, layer) =>
    at.map((__, index) =>
      series.slice(0, layer + 1).reduce((sum, { values }) => sum + (values[index] ?? 0), 0),
    ),
  );
  return [seconds, ...sums.toReversed()];
}

interface Look extends Pick<PlotProps, 'at' | 'series' | 'kind' | 'heightPx'> {
  readonly unit: string;
  readonly canSelect: boolean;
}

function optionsOf(box: HTMLElement, look: Look): uPlot.Options {
  const { heightPx, unit, canSelect } = look;
  const style = getComputedStyle(box);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: color('--mantine-color-dimmed'),
    grid: { stroke: color('--line'), width: 1 },
    ticks: { stroke: color('--line'), width: 1 },
  };
  return {
    width: box.clientWidth,
    height: heightPx,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
    cursor: { drag: { x: canSelect, y: false, setScale: false } },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [
      { ...axis, values: timeLabels },
      { ...axis, size: 54 },
    ],
    series: [{ value: '{YYYY}-{MM}-{DD} {HH}:{mm} UTC' }, ...layersOf(look, color, unit)],
  };
}

function layersOf(
  { series, kind }: Look,
  color: (name: string) => string,
  unit: string,
): uPlot.Series[] {
  return drawnOrder(series, kind).map(({ name, tone, values }): uPlot.Series => {
    const stroke = color(`--tone-${tone}`);
    return {
      label: name,
      stroke,
      width: 1.5,
      points: { show: values.length === 1 },
      // Of a stack the value alone, not the height that it reaches.
      value: (...[, , , index]) =>
        index === null || values[index] == null ? '–' : `${values[index]}${unit}`,
      ...(kind === 'stacked' && { fill: color(`--tone-${tone}-tint`) }),
    };
  });
}
