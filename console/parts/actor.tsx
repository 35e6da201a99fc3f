import type { JSX } from 'react';
import { Id } from './id.tsx';

/** Who did something: an API key by its id, a logged-in browser, or the process; a dash for nobody. */
export function Actor({ actor }: { actor: string | null }): JSX.Element {
  if (actor === 'console') return <>a browser</>;
  if (actor === 'start') return <>the process, at its start</>;
  return <Id id={actor} />;
}
