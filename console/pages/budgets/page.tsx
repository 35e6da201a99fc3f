import { Button, Group } from '@mantine/core';
import { useState } from 'react';
import type { JSX } from 'react';
import { useList } from '../../api/list.ts';
import type { Query } from '../../api/read.ts';
import type { Column } from '../../parts/data-table.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { Icon } from '../../parts/icon.tsx';
import { ListPage } from '../../parts/list-page.tsx';
import { moneyWords } from '../../parts/money-words.ts';
import { ProgressBar } from '../../parts/progress-bar.tsx';
import { Badge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { BudgetDialog } from './budget-dialog.tsx';
import { budgetWords } from './budget-words.ts';
import type { Budget } from './budget-words.ts';
import { DeleteDialog } from './delete-dialog.tsx';

const noFilter: Query = {};

/** Sessions finish while the page is looked at. */
const refreshMs = 10_000;

/** What the sessions may cost in a day or a month, and what they have cost. */
export function Page(): JSX.Element {
  const list = useList('/v1/budgets', noFilter, { everyMs: refreshMs });
  const [isSetting, setSetting] = useState(false);
  const [changing, setChanging] = useState<Budget | null>(null);
  const [deleting, setDeleting] = useState<Budget | null>(null);
  function openDialog(budget: Budget | null): void {
    setChanging(budget);
    setSetting(true);
  }
  const add = (
    <Button size="xs" leftSection={<Icon name="plus" size={14} />} onClick={() => openDialog(null)}>
      Set a budget
    </Button>
  );
  return (
    <>
      <ListPage
        title="Budgets"
        about="What finished sessions may cost in a day or a month. A budget tells, and stops nothing."
        actions={add}
        list={list}
        columns={columnsOf(openDialog, setDeleting)}
        rowId={({ id }) => id}
        empty={
          <EmptyState title="No budgets yet" action={add}>
            Once more than its amount is spent, <code>cost.threshold_exceeded</code> is published,
            once for each period. Set one at 80 and another at 100 to be told twice.
          </EmptyState>
        }
      />
      <BudgetDialog isOpen={isSetting} budget={changing} onClose={() => setSetting(false)} />
      <DeleteDialog budget={deleting} onClose={() => setDeleting(null)} />
    </>
  );
}

type Act = (budget: Budget) => void;

function columnsOf(onChange: Act, onDelete: Act): readonly Column<Budget>[] {
  return [
    { header: 'Budget', cell: budgetWords },
    { header: 'Spent', cell: (budget) => <Spent budget={budget} /> },
    { header: 'State', cell: (budget) => <State budget={budget} /> },
    { header: 'Period', cell: ({ current_period: period }) => `${visibleLine(period)} (UTC)` },
    { header: 'Set', cell: ({ created_at: at }) => <Time at={at} /> },
    {
      header: 'Change',
      cell: (budget) => (
        <Group gap="xs">
          <RowButton label="Change" budget={budget} onClick={onChange} />
          <RowButton label="Delete" budget={budget} onClick={onDelete} />
        </Group>
      ),
    },
  ];
}

function RowButton(props: { label: string; budget: Budget; onClick: Act }): JSX.Element {
  const { label, budget, onClick } = props;
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`${label} ${budgetWords(budget)}`}
      onClick={() => onClick(budget)}
    >
      {label}
    </Button>
  );
}

function Spent({ budget }: { budget: Budget }): JSX.Element {
  const { spent, amount, currency, exceeded_at: exceededAt } = budget;
  return (
    <ProgressBar
      label={`Spent of ${budgetWords(budget)}`}
      words={`${moneyWords(spent, currency)} of ${moneyWords(amount, currency)}`}
      max={amount}
      sections={[{ color: exceededAt === null ? 'green' : 'red', value: spent }]}
    />
  );
}

function State({ budget: { exceeded_at: at } }: { budget: Budget }): JSX.Element {
  if (at === null) {
    return (
      <Badge tone="good" icon="check">
        not exceeded
      </Badge>
    );
  }
  return (
    <>
      <Badge tone="bad" icon="alert">
        exceeded
      </Badge>{' '}
      <Time at={at} />
    </>
  );
}
