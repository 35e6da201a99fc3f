import type { ComponentType } from 'react';

/** What the file of a page exports. */
export interface PageModule {
  readonly Page: ComponentType;
}

/** A page: its address below /console, its name, and how its code is loaded. */
export interface PageDefinition {
  /** As `/events/$id`. A page whose path has a parameter, or ends in `/new`, is not in the navigation. */
  readonly path: string;
  readonly title: string;
  /** The heading it stands under in the navigation; null at the top. */
  readonly section: string | null;
  readonly load: () => Promise<PageModule>;
}

type DefinePage = (path: string, title: string, load: PageDefinition['load']) => PageDefinition;

/**
 * Pages under one heading.
 *
 * @param base - what their addresses begin with, as `/settings`, or the empty text
 */
export function section(heading: string | null, base: string): DefinePage {
  return (path, title, load) => ({ path: `${base}${path}`, title, section: heading, load });
}
