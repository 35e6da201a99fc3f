import { channelNames } from '../../src/domain/channel.ts';
import type { Timeline } from './timeline-answer.ts';

type Step = Timeline['steps'][number];
type Facts = Omit<Timeline, 'steps' | 'is_cut'>;

/** Everything that happened, and what comes next, in the order of time; what is told first stays first. */
export function stepsOf(facts: Facts): Step[] {
  const steps = [
    ...arrivalOf(facts),
    ...facts.runs.flatMap(runSteps),
    ...facts.emitted_events.map(emittedStep),
    ...facts.deliveries.flatMap(deliverySteps),
  ];
  return steps.toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

function arrivalOf({ event, verification, caused_by: cause }: Facts): Step[] {
  const { received_at: at, id, type, source } = event;
  const isChannel = channelNames.some((name) => name === source);
  const title = isChannel ? `Received from ${source}` : `${titleOfCause(cause)}`;
  const received = { at, kind: 'event', title, detail: type, href_kind: 'event', id } as const;
  if (!verification) return [received];
  const how = [verification.channel, verification.mode, verification.scheme].filter(Boolean);
  const verified = {
    at,
    kind: 'verification',
    title: `Verified: ${how.join(' / ')}`,
    detail: verification.note,
    href_kind: verification.integration_id === null ? 'event' : 'integration',
    id: verification.integration_id ?? id,
  } as const;
  return [received, verified];
}

function titleOfCause(cause: Facts['caused_by']): string {
  if (cause === null) return 'Emitted by the platform';
  return cause === 'api' ? 'Published through the API' : `Emitted by trigger ${cause.trigger}`;
}

function runSteps(run: Facts['runs'][number]): Step[] {
  const step = (at: string, title: string, detail: string): Step => {
    return { at, kind: 'trigger_run', title, detail, href_kind: 'trigger_run', id: run.id };
  };
  const name = `Trigger ${run.trigger}`;
  const started = run.started_at;
  const ended = run.ended_at;
  return [
    step(run.created_at, `${name} fired`, `Revision ${run.revision}`),
    ...(started === null ? [] : [step(started, `${name} started`, `Workflow ${run.workflow_id}`)]),
    ...(ended === null ? [] : [step(ended, `${name} ${run.state}`, run.reason ?? '')]),
  ];
}

function emittedStep(event: Facts['emitted_events'][number]): Step {
  const { received_at: at, type, event_id: id, run_id } = event;
  const detail = `By run ${run_id}`;
  return { at, kind: 'emitted', title: `Emitted ${type}`, detail, href_kind: 'event', id };
}

function deliverySteps(delivery: Facts['deliveries'][number]): Step[] {
  const { id, state, endpoint_id: endpointId, endpoint_url: url } = delivery;
  const place = url ?? endpointId;
  const step = (at: string, kind: Step['kind'], words: readonly [string, string]): Step => {
    return { at, kind, title: words[0], detail: words[1], href_kind: 'delivery', id };
  };
  const why = delivery.last_reason ?? '';
  const ended = delivery.ended_at;
  const next = delivery.next_attempt_at;
  return [
    step(delivery.created_at, 'delivery', [`Planned for ${endpointId}`, place]),
    ...delivery.attempts.map((attempt) => {
      const { number, cycle, status, reason, duration_ms: duration } = attempt;
      const title = `Attempt ${number}${cycle === 1 ? '' : ` of cycle ${cycle}`}`;
      const result = `${reason ?? `status ${String(status)}`}, ${duration} ms`;
      return step(attempt.started_at, 'attempt', [title, `${place}: ${result}`]);
    }),
    ...(ended === null ? [] : [step(ended, 'delivery', [`Delivery ${state}`, why])]),
    ...(next === null ? [] : [step(next, 'next', ['Next attempt', place])]),
  ];
}
