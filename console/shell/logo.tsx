import type { JSX } from 'react';

/** The sign of Durahook, as in `icon.svg`. */
export function Logo(): JSX.Element {
  return (
    <svg width={24} height={24} viewBox="0 0 32 32" aria-hidden="true" style={{ flex: 'none' }}>
      <rect width="32" height="32" rx="8" fill="#1f6feb" />
      <path
        d="M10 7v11a6 6 0 0 0 12 0v-3m0 0-4 4m4-4 4 4"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
