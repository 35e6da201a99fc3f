import type { TriggerDefinition } from '../../src/domain/trigger.ts';
import { judgeTrigger, needsScope } from '../../src/runtime/trigger-judgement.ts';
import type { JudgedTrigger, Judgement } from '../../src/runtime/trigger-judgement.ts';
import { scopeOf } from '../../src/runtime/trigger-scope.ts';
import type { EventHead } from '../../src/store/events.ts';
import type { TriggerRunRow } from '../../src/store/tables.ts';
import type { TriggerWithDefinition } from '../../src/store/triggers.ts';
import { makeJudgingBudget } from './judging-budget.ts';
import type { Timeline } from './timeline-answer.ts';

type Answer = Timeline['triggers'][number];

/** More than a person looks through. */
const triggersMax = 500;

/**
 * What each trigger of a tenant made of an event: by its run, or judged again as it is today.
 *
 * @param known - the runs of the event, and every trigger of the tenant; the body is read when a
 *   condition is to be judged
 */
export async function judgeTriggers(
  event: EventHead,
  known: {
    readonly runs: readonly TriggerRunRow[];
    readonly triggers: readonly TriggerWithDefinition[];
    readonly readBody: () => Promise<Buffer>;
  },
): Promise<{ triggers: Answer[]; isCut: boolean }> {
  const runOf = new Map(known.runs.map((run) => [run.trigger_id, run]));
  const shown = known.triggers.slice(0, triggersMax);
  const isBodyNeeded =
    event.payload_dropped_at === null &&
    shown.some((trigger) => !runOf.has(trigger.id) && needsScope(judgedOf(trigger), event));
  const body = isBodyNeeded ? await known.readBody() : Buffer.alloc(0);
  const judge = makeJudge({ ...event, body }, runOf.size > 0);
  const triggers = shown.map((trigger): Answer => {
    const run = runOf.get(trigger.id);
    const facts = {
      trigger_id: trigger.id,
      trigger: trigger.name,
      is_current_revision_newer_than_event: isNewer(trigger, event),
    };
    if (!run) {
      return {
        ...facts,
        revision: trigger.revision,
        fired: false,
        run_id: null,
        ...judge(trigger),
      };
    }
    const fired = run.state !== 'skipped';
    const told = { fired, run_id: run.id, why: whyOf(run), decisive: null };
    return { ...facts, revision: run.revision, ...told };
  });
  return { triggers, isCut: shown.length < known.triggers.length };
}

/** A condition that has no value makes a run that is born failed: it was never started. */
function whyOf({ state, reason, started_at: startedAt }: TriggerRunRow): string {
  if (state === 'skipped') return `skipped: ${reason}`;
  if (state !== 'failed' || startedAt !== null || reason === null) return 'fired';
  return /^(?:when|on\.)/.test(reason)
    ? `condition failed: ${reason.replace(/^when: /, '')}`
    : `failed: ${reason}`;
}

function makeJudge(
  event: EventHead & { readonly body: Buffer },
  hasRuns: boolean,
): (trigger: TriggerWithDefinition) => Pick<Answer, 'why' | 'decisive'> {
  const hasTime = makeJudgingBudget();
  let kept: ReturnType<typeof scopeOf> | undefined;
  const scope = () => (kept ??= scopeOf(event, { attempt: 1, isReplay: false }));
  return (trigger) => {
    const judged = judgedOf(trigger);
    const isAsked = needsScope(judged, event);
    if (isAsked && event.payload_dropped_at !== null) {
      return { why: 'condition cannot be asked: the payload of the event is gone', decisive: null };
    }
    if (isAsked && !hasTime()) {
      return { why: 'not judged: there are too many conditions', decisive: null };
    }
    const { source, type } = event;
    const judgement = judgeTrigger(judged, { source, type, scope });
    const why = wordsFor(judgement, { event, trigger, hasRuns });
    return { why, decisive: judgement.isMatch ? null : judgement.decisive };
  };
}

function judgedOf(trigger: TriggerWithDefinition): JudgedTrigger {
  return {
    isActive: trigger.is_active,
    quarantine: trigger.quarantine,
    definition: trigger.definition as TriggerDefinition | undefined, // Checked when it was stored.
  };
}

/** Why a trigger that would fire today did not fire then. */
function wordsFor(
  judgement: Judgement,
  {
    event,
    trigger,
    hasRuns,
  }: { event: EventHead; trigger: TriggerWithDefinition; hasRuns: boolean },
): string {
  if (!judgement.isMatch) return judgement.why;
  if (isNewer(trigger, event)) return 'would fire today: its revision is newer than the event';
  if (event.source === 'generic' && hasRuns) return 'addressed to another trigger';
  return 'would fire today: it was not active then, or the event was addressed to another trigger';
}

function isNewer({ revised_at: at }: TriggerWithDefinition, event: EventHead): boolean {
  return at !== null && at > event.received_at;
}
