import { List } from '@mantine/core';
import type { JSX } from 'react';
import type { ApiProblem } from '../../api/problem.ts';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { CheckedText } from './use-check.ts';

export interface CheckResultProps {
  readonly checked: CheckedText | undefined;
  /** False: the answer is of an earlier text. */
  readonly isCurrent: boolean;
  readonly error: ApiProblem | null;
}

/** Whether the text is a good trigger, and every mistake of it with its place. */
export function CheckResult({ checked, isCurrent, error }: CheckResultProps): JSX.Element {
  return (
    <section aria-label="Check of the text">
      <div role="status">
        {isCurrent && checked ? <Verdict checked={checked} /> : <Badge tone="idle">checking</Badge>}
      </div>
      {error && <ProblemAlert error={error} />}
      {isCurrent && checked && checked.problems.length > 0 && (
        <List size="sm" mt={4}>
          {checked.problems.map(({ line, column, path, message }) => (
            <List.Item key={`${line} ${column} ${message}`}>
              Line {line}, column {column}:{' '}
              {visibleLine(path === '' ? message : `${path}: ${message}`)}
            </List.Item>
          ))}
        </List>
      )}
    </section>
  );
}

function Verdict({ checked }: { checked: CheckedText }): JSX.Element {
  const { valid, problems } = checked;
  if (valid) {
    return (
      <Badge tone="good" icon="check">
        valid
      </Badge>
    );
  }
  return (
    <Badge tone="bad" icon="alert">
      {problems.length === 1 ? '1 mistake' : `${problems.length} mistakes`}
    </Badge>
  );
}
