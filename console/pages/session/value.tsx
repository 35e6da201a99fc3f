import type { JSX, ReactNode } from 'react';
import { ExternalLink } from '../../parts/external-link.tsx';
import { JsonViewer } from '../../parts/json-viewer.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { visibleLine, visibleText } from '../../parts/visible-text.ts';

/** Fields that are read as facts; more than that is looked up in a tree. */
const factsMax = 30;

/** In characters; a longer text has a box of its own. */
const lineMax = 500;

/** JSON of any origin as a person would write it: facts, texts and links; a tree where it is nested. */
export function Value({ value, label }: { value: unknown; label: string }): JSX.Element {
  const facts = Object.entries(fieldsOf(value));
  if (facts.length === 0 || facts.length > factsMax) return <Part value={value} label={label} />;
  return (
    <KeyValues
      facts={facts.map(([name, inner]): [string, ReactNode] => [
        visibleLine(name),
        <Part key={name} value={inner} label={`${visibleLine(name)} of ${label}`} />,
      ])}
    />
  );
}

function Part({ value, label }: { value: unknown; label: string }): JSX.Element {
  if (value === null || value === undefined) return <>–</>;
  if (typeof value === 'string') return <TextPart text={value} label={label} />;
  if (typeof value !== 'object') return <>{JSON.stringify(value)}</>;
  return Object.keys(value).length === 0 ? <>None</> : <JsonViewer value={value} label={label} />;
}

function TextPart({ text, label }: { text: string; label: string }): JSX.Element {
  if (text.length > lineMax) return <PlainText text={text} label={label} />;
  // Whole addresses only: another text would be taken for a path of this host.
  if (/^https?:\/\//i.test(text)) return <ExternalLink to={text} />;
  return <span style={{ whiteSpace: 'pre-wrap' }}>{visibleText(text)}</span>;
}

/** The fields of an object; none of anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}
