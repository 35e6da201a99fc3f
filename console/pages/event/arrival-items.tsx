import { Id } from '../../parts/id.tsx';
import type { TimelineItem } from '../../parts/timeline.tsx';
import { visibleLine } from '../../parts/visible-text.ts';
import type { Answers } from '../../../src/client/index.ts';
import { Judgements } from './judgements.tsx';

type Explanation = Answers['EventTimeline'];

/** How an event came to be: received and verified, or published, or emitted by a run. */
export function arrivalItems(explanation: Explanation): TimelineItem[] {
  const { event, verification, triggers } = explanation;
  if (event.direction === 'outbound') return [publishedItem(explanation)];
  const { received_at: at, source } = event;
  const received: TimelineItem = {
    key: 'received',
    at,
    icon: 'download',
    tone: 'busy',
    title: `Received from ${visibleLine(source)}`,
  };
  const fired = triggers.filter((trigger) => trigger.fired).length;
  const judged: TimelineItem = {
    key: 'judged',
    at,
    icon: 'bolt',
    tone: fired > 0 ? 'good' : 'idle',
    title: firedWords(fired, triggers.length),
    detail: <Judgements triggers={triggers} />,
  };
  return [received, ...(verification ? [verifiedItem(at, verification)] : []), judged];
}

function firedWords(fired: number, all: number): string {
  if (all === 0) return 'There are no triggers';
  return `${fired === 0 ? 'None' : fired} of ${all} trigger${all === 1 ? '' : 's'} fired`;
}

const modeWords: ReadonlyMap<string, string> = new Map([
  ['native', 'in the provider’s own way'],
  ['platform', 'by the platform’s signature'],
  ['token', 'by a token'],
]);

function verifiedItem(
  at: string,
  verification: NonNullable<Explanation['verification']>,
): TimelineItem {
  const { channel, mode, scheme, integration_id: id, note } = verification;
  const words = mode === null ? '' : ` ${modeWords.get(mode) ?? ''}`;
  const how = [mode && `mode ${mode}`, scheme && `scheme ${scheme}`].filter(Boolean).join(', ');
  return {
    key: 'verified',
    at,
    icon: 'check',
    tone: 'good',
    title: `Verified as ${visibleLine(channel)}${words}${how === '' ? '' : ` (${how})`}`,
    detail: (
      <>
        {note}. {id !== null && <Id id={id} />}
      </>
    ),
  };
}

function publishedItem({ event, caused_by: cause }: Explanation): TimelineItem {
  const { received_at: at } = event;
  const item = { key: 'published', at, icon: 'send', tone: 'busy' } as const;
  if (cause === 'api') return { ...item, title: 'Published through the API' };
  if (cause === null) return { ...item, title: 'Published by the platform' };
  return {
    ...item,
    title: `Emitted by the trigger ${visibleLine(cause.trigger)}`,
    detail: (
      <>
        Run <Id id={cause.run_id} /> caused by event <Id id={cause.event_id} />
      </>
    ),
  };
}
