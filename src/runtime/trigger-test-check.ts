import { channelNames } from '../domain/channel.ts';
import { hintFor } from './trigger-mistakes.ts';
import type { Mistake } from './trigger-mistakes.ts';
import { quote } from './trigger-problems.ts';
import type { TriggerContent, TriggerTest } from './trigger-schema.ts';

type Path = readonly PropertyKey[];

/** Tests that do not fit their trigger: events where there must be one, names of no part. */
export function findTestMistakes({ on, tests }: Pick<TriggerContent, 'on' | 'tests'>): Mistake[] {
  const names = 'all' in on ? on.all.map(({ as }) => as) : undefined;
  return tests.flatMap((test, index) => {
    const path = ['tests', index];
    return [
      ...findEventMistakes(test, path, names),
      ...findSampleMistakes(test, path),
      ...(test.expect.with && !test.expect.fires
        ? [{ path: [...path, 'expect', 'with'], message: 'expect.with needs fires: true' }]
        : []),
    ];
  });
}

function findEventMistakes(
  { event, events }: TriggerTest,
  path: Path,
  names: readonly string[] | undefined,
): Mistake[] {
  if (!names) {
    if (event !== undefined && !events) return [];
    return [{ path, message: 'A test of this trigger needs event, and not events' }];
  }
  if (event === undefined && events) {
    return findStrangers([...path, 'events'], Object.keys(events), names);
  }
  return [{ path, message: 'A test of a trigger with on.all needs events, and not event' }];
}

function findSampleMistakes({ event, events = {} }: TriggerTest, path: Path): Mistake[] {
  const placed = [
    { at: [...path, 'event'], one: event },
    ...Object.entries(events).map(([name, one]) => ({ at: [...path, 'events', name], one })),
  ];
  return placed.flatMap(({ at, one }) => {
    const channel = typeof one === 'string' ? one.split('/')[0] : undefined;
    if (channel === undefined || channelNames.some((name) => name === channel)) return [];
    const hint = hintFor(channel, channelNames);
    return [{ path: at, message: `There are no samples of ${quote(channel)}: ${hint}` }];
  });
}

/** Keys of a map that name no part of the join. */
export function findStrangers(
  path: readonly PropertyKey[],
  keys: readonly string[],
  names: readonly string[],
): Mistake[] {
  return keys
    .filter((name) => !names.includes(name))
    .map((name) => ({
      path: [...path, name],
      message: `${quote(name)} is no part of on.all: ${hintFor(name, names)}`,
      offset: 'key' as const,
    }));
}
