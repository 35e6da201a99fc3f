import { Alert, Text } from '@mantine/core';
import type { JSX } from 'react';
import type { Answers } from '../../../src/client/index.ts';
import { viewOf } from '../../api/list.ts';
import { Copyable } from '../../parts/copyable.tsx';
import { DataTable } from '../../parts/data-table.tsx';
import type { Column } from '../../parts/data-table.tsx';
import { ExternalLink } from '../../parts/external-link.tsx';
import { Icon } from '../../parts/icon.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { sizeWords } from '../../parts/size-words.ts';
import { Badge } from '../../parts/state-badge.tsx';
import { Time } from '../../parts/time.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import { Panel } from './panel.tsx';

type System = Answers['System'];
type Queue = System['temporal']['task_queues'][number];

interface PartProps {
  readonly system: System;
}

function UpBadge({ isUp }: { isUp: boolean }): JSX.Element {
  return isUp ? (
    <Badge tone="good" icon="check">
      up
    </Badge>
  ) : (
    <Badge tone="bad" icon="close">
      away
    </Badge>
  );
}

/** The engine: whether it answers, and whether workers take what it has. */
export function Temporal({ system: { temporal } }: PartProps): JSX.Element {
  const {
    is_up: isUp,
    address,
    namespace,
    server_version: version,
    task_queues: queues,
  } = temporal;
  return (
    <Panel title="Temporal" badge={<UpBadge isUp={isUp} />}>
      {!isUp && (
        <Alert
          color="red"
          role="alert"
          icon={<Icon name="alert" />}
          title="Temporal does not answer"
        >
          Senders still get their 200: what comes in is kept, and started when Temporal is back. No
          delivery is attempted meanwhile.
        </Alert>
      )}
      {queues.some(({ pollers }) => pollers === 0) && <NoWorker queues={queues} />}
      <KeyValues
        facts={[
          ['Address', visibleLine(address)],
          ['Namespace', visibleLine(namespace)],
          ['Server version', version === null ? null : visibleLine(version)],
          [
            'Web UI',
            isUp ? (
              <ExternalLink
                key="ui"
                to={`/temporal/namespaces/${encodeURIComponent(namespace)}/workflows`}
              >
                Its workflows
              </ExternalLink>
            ) : undefined,
          ],
        ]}
      />
      {isUp && <Queues queues={queues} />}
    </Panel>
  );
}

function NoWorker({ queues }: { queues: readonly Queue[] }): JSX.Element {
  const idle = queues.filter(({ pollers }) => pollers === 0);
  const names = idle.map(({ name }) => visibleLine(name)).join(', ');
  const which = idle.length === queues.length ? 'No worker polls' : `No worker polls ${names}`;
  return (
    <Alert color="yellow" role="alert" icon={<Icon name="alert" />} title={which}>
      What is in the queue waits. Start a worker with:
      <Copyable text="npm start -- worker" what="the command" />
    </Alert>
  );
}

const queueColumns: readonly Column<Queue>[] = [
  { header: 'Task queue', cell: ({ name }) => visibleLine(name) },
  {
    header: 'Workers',
    cell: ({ pollers }) =>
      pollers === 0 ? (
        <Badge tone="warn" icon="alert">
          none polls
        </Badge>
      ) : (
        pollers
      ),
    isNumber: true,
  },
  {
    header: 'Tasks that wait, about',
    cell: ({ backlog }) => (backlog === null ? 'not known' : backlog.toLocaleString('en')),
    isNumber: true,
  },
];

function Queues({ queues }: { queues: readonly Queue[] }): JSX.Element {
  const answer = { data: queues, error: null, isFetching: false, refetch: async () => undefined };
  return (
    <DataTable
      label="Task queues"
      list={viewOf(answer, (rows) => rows)}
      columns={queueColumns}
      rowId={({ name }) => name}
      empty={<Text size="sm">Temporal tells of no task queue.</Text>}
    />
  );
}

/** The database: whether it answers, and how large it has become. */
export function Postgres({ system: { postgres } }: PartProps): JSX.Element {
  const { is_up: isUp, version, size_bytes: sizeBytes, connections } = postgres;
  return (
    <Panel title="PostgreSQL" badge={<UpBadge isUp={isUp} />}>
      {!isUp && (
        <Alert
          color="red"
          role="alert"
          icon={<Icon name="alert" />}
          title="PostgreSQL does not answer"
        >
          Nothing can be accepted: senders get a 503 and are to send again.
        </Alert>
      )}
      <KeyValues
        facts={[
          ['Version', version === null ? null : visibleLine(version)],
          ['Size of the database', sizeBytes === null ? null : sizeWords(sizeBytes)],
          ['Connections', connections],
        ]}
      />
    </Panel>
  );
}

/** What is committed and Temporal has not taken yet. */
export function Unstarted({ system }: PartProps): JSX.Element {
  const { unstarted, oldest_unstarted_at: oldestAt } = system;
  const { deliveries, trigger_runs: runs, replays } = unstarted;
  const { words, badge } = waitLooks[waitOf(unstarted)];
  return (
    <Panel
      title="Waits for Temporal"
      badge={
        <Badge tone={badge.tone} icon={badge.icon}>
          {badge.text}
        </Badge>
      }
    >
      <Text size="sm">{words}</Text>
      <KeyValues
        facts={[
          ['Deliveries', deliveries?.toLocaleString('en') ?? null],
          ['Trigger runs', runs?.toLocaleString('en') ?? null],
          ['Replays', replays?.toLocaleString('en') ?? null],
          ['The oldest since', oldestAt === null ? null : <Time key="at" at={oldestAt} isExact />],
        ]}
      />
    </Panel>
  );
}

const waitLooks = {
  unknown: {
    words: 'Nobody knows while PostgreSQL is away: it is counted there.',
    badge: { tone: 'idle', icon: 'info', text: 'not known' },
  },
  some: {
    words:
      'It is kept and nothing of it is lost: it is started when Temporal takes it, usually within seconds.',
    badge: { tone: 'warn', icon: 'clock', text: 'waits' },
  },
  none: {
    words: 'All that was accepted has been handed to Temporal.',
    badge: { tone: 'good', icon: 'check', text: 'nothing waits' },
  },
} as const;

function waitOf(unstarted: Answers['System']['unstarted']): keyof typeof waitLooks {
  const counts = Object.values(unstarted);
  if (counts.some((count) => count === null)) return 'unknown';
  return counts.some((count) => count !== 0) ? 'some' : 'none';
}

/** The process that answers. */
export function Process({ system: { version, node, started_at: at } }: PartProps): JSX.Element {
  return (
    <Panel title="This process">
      <KeyValues
        facts={[
          ['Durahook', visibleLine(version)],
          ['Node', visibleLine(node)],
          ['Began', <Time key="at" at={at} isExact />],
        ]}
      />
    </Panel>
  );
}
