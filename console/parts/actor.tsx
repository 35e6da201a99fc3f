import type { JSX } from 'react';
import { Id } from './id.tsx';

/** Who did something: an API key by its id, a logged-in browser, or the process; a dash for nobody. */
export function Actor({ actor }: { actor: string | null }): JSX.Element {
  if (actor === 'console') return <>a browser</>;
  if (actor === 'start') return <>the process, at its start</>;
  if (actor === 'maintenance') return <>the platform, in its maintenance</>;
  if (actor === 'recovery') return <>the platform, when the endpoint recovered</>;
  if (actor === 'operator') return <>an operator, by the command line</>;
  return <Id id={actor} />;
}
