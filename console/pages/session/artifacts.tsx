import { Button } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { Section } from '../event/section.tsx';
import { Value } from './value.tsx';

/** Shown at first; a session may have a thousand. */
const firstMax = 20;

/** What a session made: names, links and whatever else the agent says of it. */
export function Artifacts({ artifacts }: { artifacts: readonly unknown[] }): JSX.Element {
  const [max, setMax] = useState(firstMax);
  const rest = artifacts.length - max;
  return (
    <Section title="Artifacts">
      <ul style={{ margin: 0, paddingLeft: 20 }}>
        {artifacts.slice(0, max).map((artifact, index) => (
          // oxlint-disable-next-line no-array-index-key -- they have no id, and never change
          <li key={index}>
            <Value value={artifact} label={`artifact ${index + 1}`} />
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Button variant="default" size="xs" w="fit-content" onClick={() => setMax(Infinity)}>
          Show {rest.toLocaleString('en')} more
        </Button>
      )}
    </Section>
  );
}
