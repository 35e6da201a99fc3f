import { Alert, Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { JSX } from 'react';
import { answerOf, api } from '../../api/client.ts';
import { Icon } from '../../parts/icon.tsx';
import type { IconName } from '../../parts/icon.tsx';
import { Id } from '../../parts/id.tsx';
import { JsonViewer } from '../../parts/json-viewer.tsx';
import { KeyValues } from '../../parts/key-values.tsx';
import { PlainText } from '../../parts/plain-text.tsx';
import { ProblemAlert } from '../../parts/problem-alert.tsx';
import { visibleLine, visibleText } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import { guardFacts } from '../trigger-run/guard-words.ts';
import { actionWords } from '../triggers/trigger-words.ts';
import { EventChoice, useLatestEvents, useSamples } from './event-choice.tsx';
import type { Tried } from './tried.ts';

type Outcome = Answers['TriggerDryRun'];

/** What the text would do with one event. Nothing is started. */
export function DryRun(props: { tried: Tried; restedText: string }): JSX.Element {
  const [asked, setAsked] = useState<string>();
  const { tried, restedText } = props;
  const offered = useLatestEvents(restedText);
  const samples = useSamples(restedText);
  const chosen = asked ?? offered[0]?.id ?? samples[0] ?? '';
  const run = useMutation({ mutationFn: (event: string) => dryRun(tried, event) });
  return (
    <Stack gap="sm">
      <Text size="sm">
        The text as it stands, asked about one event. Nothing is started and nothing is kept.
      </Text>
      <EventChoice offered={offered} samples={samples} value={chosen} onChange={setAsked} />
      <div>
        <Button
          size="xs"
          leftSection={<Icon name="play" size={14} />}
          disabled={chosen === ''}
          loading={run.isPending}
          onClick={() => run.mutate(chosen)}
        >
          Dry run
        </Button>
      </div>
      {run.error && <ProblemAlert error={run.error} />}
      {run.data && <Told outcome={run.data} event={run.variables} />}
    </Stack>
  );
}

async function dryRun({ id, text }: Tried, chosen: string): Promise<Outcome> {
  const event = chosen.includes('/') ? { sample: chosen } : { event_id: chosen };
  const body = { ...event, text };
  if (id === undefined) return answerOf(api.POST('/v1/triggers/dry-run', { body }));
  const params = { path: { id } };
  return answerOf(api.POST('/v1/triggers/{id}/dry-run', { params, body }));
}

function Told({ outcome, event }: { outcome: Outcome; event: string }): JSX.Element {
  const { decisive, guards, action } = outcome;
  const { title, color, icon, text } = lookOf(outcome);
  return (
    <Stack gap="sm">
      <Alert role="status" color={color} icon={<Icon name={icon} />} title={title}>
        {text !== undefined && <Text size="sm">{visibleText(text)}</Text>}
        <Text size="sm" component="div">
          Asked about {event.includes('/') ? `the sample ${event}` : <Id id={event} />}
        </Text>
      </Alert>
      {decisive !== null && <Decisive part={decisive} />}
      {guards !== null && (
        <section aria-label="What would hold it back">
          <KeyValues facts={guardFacts(guards)} />
        </section>
      )}
      {action !== null && <Action action={action} />}
    </Stack>
  );
}

function lookOf({ fires, why, failure }: Outcome): {
  readonly title: string;
  readonly color: string;
  readonly icon: IconName;
  readonly text?: string;
} {
  if (failure !== null) {
    return { title: 'Its run would fail', color: 'red', icon: 'alert', text: failure };
  }
  return fires
    ? { title: 'It fires', color: 'green', icon: 'check' }
    : { title: 'It does not fire', color: 'gray', icon: 'info', text: why };
}

/** The part of the condition that decided. */
function Decisive({ part }: { part: NonNullable<Outcome['decisive']> }): JSX.Element {
  return (
    <section aria-label="What decided">
      <Text size="sm" fw={600} mb={4}>
        What decided: it gives {visibleLine(part.outcome)}
      </Text>
      <PlainText text={part.expression} label="the part of the condition that decided" />
    </section>
  );
}

function Action({ action }: { action: NonNullable<Outcome['action']> }): JSX.Element {
  return (
    <section aria-label="What it would start">
      <Text size="sm" fw={600} mb={4}>
        {actionWords(action)}
      </Text>
      {action.with === null ? (
        <Text size="sm">With the body as it came</Text>
      ) : (
        <JsonViewer value={action.with} label="what it gets" />
      )}
    </section>
  );
}
