import type { Mistake } from './trigger-mistakes.ts';
import { quote } from './trigger-problems.ts';

type Path = readonly PropertyKey[];

/**
 * What YAML can say and JSON or PostgreSQL can't keep: `.nan`, `!!binary`, `"\0"`, half of a
 * surrogate pair; and the key that would reach a prototype.
 */
export function findValueMistakes(value: unknown, path: Path = []): Mistake[] {
  if (typeof value === 'string') return textMistakes(value, { path });
  if (!isJson(value)) return [{ path, message: 'Is no JSON value: NaN, infinity, binary or set' }];
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) {
    return value.flatMap((item, index) => findValueMistakes(item, [...path, index]));
  }
  return Object.keys(value).flatMap((key) => {
    const here = [...path, key];
    return [
      ...textMistakes(key, { path: here, offset: 'key' }),
      ...(key === '__proto__'
        ? [{ path: here, message: `The key ${quote(key)} is not allowed`, offset: 'key' as const }]
        : []),
      ...findValueMistakes(Reflect.get(value, key), here),
    ];
  });
}

function textMistakes(text: string, place: Omit<Mistake, 'message'>): Mistake[] {
  if (!/\p{Surrogate}/u.test(text) && !text.includes('\0')) return [];
  return [{ ...place, message: 'Has a character that no text may have: NUL, or half of a pair' }];
}

/** One level of it. */
function isJson(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'bigint') return false;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return true;
  return Object.getPrototypeOf(value) === Object.prototype;
}
