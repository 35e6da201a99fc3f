import type { JSX } from 'react';
import { Icon } from './icon.tsx';
import type { IconName } from './icon.tsx';
import classes from './state-badge.module.css';
import { visibleLine } from './visible-text.ts';

/** How a state is meant; a color of `style.css`. */
export type Tone = 'good' | 'bad' | 'warn' | 'busy' | 'idle';

/** Of deliveries, runs, triggers, endpoints, integrations, secrets, dead letters, replays, rejected requests, sessions, imports and checks. */
const looks: ReadonlyMap<string, readonly [Tone, IconName]> = new Map([
  ['pending', ['busy', 'clock']],
  ['running', ['busy', 'play']],
  ['retrying', ['warn', 'refresh']],
  ['delivered', ['good', 'check']],
  ['succeeded', ['good', 'check']],
  ['completed', ['good', 'check']],
  ['finished', ['good', 'check']],
  ['accepted', ['good', 'check']],
  ['released', ['good', 'check']],
  ['enabled', ['good', 'check']],
  ['active', ['good', 'check']],
  ['ok', ['good', 'check']],
  ['dead', ['bad', 'close']],
  ['failed', ['bad', 'close']],
  ['refused', ['bad', 'close']],
  ['broken', ['bad', 'alert']],
  ['quarantined', ['bad', 'stop']],
  ['open', ['bad', 'alert']],
  ['expiring', ['warn', 'clock']],
  ['paused', ['warn', 'pause']],
  ['kept', ['warn', 'pause']],
  ['parked', ['idle', 'pause']],
  ['disabled', ['idle', 'stop']],
  ['cancelled', ['idle', 'stop']],
  ['archived', ['idle', 'stop']],
  ['revoked', ['idle', 'stop']],
  ['expired', ['idle', 'clock']],
  ['skipped', ['idle', 'skip']],
  ['redriven', ['good', 'refresh']],
  ['discarded', ['idle', 'trash']],
  ['duplicate', ['idle', 'copy']],
]);

/** The tone of a state, for what else shows it. */
export function toneOf(state: string): Tone {
  return looks.get(state)?.[0] ?? 'idle';
}

/** A state by word, sign and color. `reason` is told when it is pointed at. */
export function StateBadge({
  state,
  reason,
}: {
  state: string;
  reason?: string | null;
}): JSX.Element {
  const [tone, icon] = looks.get(state) ?? ['idle', 'info'];
  return (
    <Badge tone={tone} icon={icon} {...(reason ? { title: visibleLine(reason) } : {})}>
      {visibleLine(state).replaceAll('_', ' ')}
    </Badge>
  );
}

/** Any short word in a tone. */
export function Badge(props: {
  tone: Tone;
  icon?: IconName;
  title?: string;
  children: string;
}): JSX.Element {
  const { tone, icon, title, children } = props;
  return (
    <span className={classes.badge} data-tone={tone} title={title}>
      {icon && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}
