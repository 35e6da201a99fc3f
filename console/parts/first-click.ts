import type { MouseEvent } from 'react';

/**
 * The handler of a button that acts at once: it leaves out the second click of a double click, by which the button may
 * be free again, or mean the opposite.
 */
export function onFirstClick(run: () => void): (event: MouseEvent) => void {
  return ({ detail: clicks }) => {
    if (clicks < 2) run(); // 0 is the keyboard.
  };
}
