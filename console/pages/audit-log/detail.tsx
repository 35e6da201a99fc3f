import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { pathOfId } from '../../id-path.ts';
import { Id } from '../../parts/id.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { exactTime } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';

/** A list in a cell ends somewhere. */
const itemsMax = 5;

/** What an entry of the audit log says besides, name by name; nothing where it says nothing. */
export function Detail({ detail }: { detail: unknown }): JSX.Element {
  const facts = factsOf(detail, '');
  if (facts.length === 0) return <>–</>;
  return (
    <>
      {facts.map(({ name, value }) => (
        <div key={name}>
          <Text size="xs" c="dimmed" component="span">
            {visibleLine(name).replaceAll('_', ' ')}:
          </Text>{' '}
          <Value value={value} />
        </div>
      ))}
    </>
  );
}

interface Fact {
  readonly name: string;
  readonly value: unknown;
}

/** One per name, also of objects within: `filter from`. */
function factsOf(detail: unknown, before: string): readonly Fact[] {
  if (typeof detail !== 'object' || detail === null) return [];
  return Object.entries(detail).flatMap(([key, value]: [string, unknown]): readonly Fact[] => {
    const name = `${before}${key}`;
    if (value === null) return [];
    const isObject = typeof value === 'object' && !Array.isArray(value);
    return isObject ? factsOf(value, `${name} `) : [{ name, value }];
  });
}

function Value({ value }: { value: unknown }): JSX.Element {
  if (typeof value === 'string') return <TextValue text={value} />;
  if (typeof value === 'boolean') return <>{value ? 'yes' : 'no'}</>;
  if (Array.isArray(value)) return <List items={value} />;
  return <>{visibleLine(JSON.stringify(value) ?? '–')}</>;
}

/** Its first items; the others, up to a thousand ids of a bulk, when they are asked for. */
function List({ items }: { items: readonly unknown[] }): JSX.Element {
  const [isWhole, setWhole] = useState(false);
  const shown = items.slice(0, itemsMax);
  const others = items.slice(itemsMax);
  return (
    <>
      {shown.map((item, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a list that is never reordered, of anything
        <span key={index}>
          {index > 0 && ', '}
          <Value value={item} />
        </span>
      ))}
      {others.length > 0 && (
        <>
          {' '}
          <Button
            size="compact-xs"
            variant="subtle"
            aria-expanded={isWhole}
            onClick={() => setWhole(!isWhole)}
          >
            and {others.length.toLocaleString('en')} more
          </Button>
        </>
      )}
      {isWhole && <PlainText text={others.map(lineOf).join('\n')} label="The others" />}
    </>
  );
}

function lineOf(item: unknown): string {
  return typeof item === 'string' ? item : (JSON.stringify(item) ?? '–');
}

function TextValue({ text }: { text: string }): JSX.Element {
  if (pathOfId(text) !== undefined) return <Id id={text} />;
  const isInstant = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text);
  return <>{isInstant ? exactTime(text) : visibleLine(text)}</>;
}
