import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { z } from 'zod';

/** Between two reports: slow enough to be watched in the console. */
const pauseMs = 700;

const startSchema = z.object({ session_id: z.string(), name: z.string(), report_url: z.url() });
const eventSchema = z.object({ number: z.int() });

/** The sessions of the demo agent. */
export interface DemoSessions {
  /** Answers one call of the platform; `undefined` = it is none about sessions. */
  take(path: string, body: unknown): number | undefined;
  close(): Promise<void>;
}

/** What is reported of a session: where below its address, and what. */
type DemoReport = readonly [place: string, body: Readonly<Record<string, unknown>>];

interface DemoWork {
  readonly reportUrl: string;
  readonly stop: AbortController;
}

/**
 * An agent that takes two steps and calls one tool for each session, then finishes it with a small
 * cost; an event that reaches it in time is one more step. It works in memory: a demo.
 *
 * @param apiKey - reports with it; while there is none, it takes sessions and reports nothing
 */
export function makeDemoSessions(apiKey: () => string | undefined): DemoSessions {
  const works = new Map<string, DemoWork>();
  const underWay = new Set<Promise<void>>();

  function tell(work: DemoWork, reports: readonly DemoReport[]): void {
    const key = apiKey();
    if (key === undefined) return;
    const telling = reportAll(work, reports, key).catch(() => undefined); // Stopped, or the platform is.
    underWay.add(telling);
    void telling.then(() => underWay.delete(telling));
  }

  function start(body: unknown): number {
    const { session_id: id, name, report_url: reportUrl } = startSchema.parse(body);
    if (works.has(id)) return 202; // The same call again.
    const work = { reportUrl, stop: new AbortController() };
    works.set(id, work);
    tell(work, reportsOf(name));
    return 202;
  }

  return {
    take(path, body) {
      if (path === '/v1/sessions') return start(body);
      const [, id = '', way] = /^\/v1\/sessions\/(\w+)\/(events|cancel)$/.exec(path) ?? [];
      if (way === undefined) return undefined;
      const work = works.get(id);
      if (!work) return 404; // Of before its own start.
      if (way === 'cancel') work.stop.abort();
      else tell(work, [eventReport(body)]);
      return 202;
    },
    async close() {
      for (const { stop } of works.values()) stop.abort();
      await Promise.all(underWay);
    },
  };
}

function reportsOf(name: string): DemoReport[] {
  return [
    ['steps', { id: 'read', action: 'read_input', confidence: 1 }],
    ['tools', { id: 'search', tool_name: 'search', args: { query: name } }],
    ['steps', { id: 'conclude', action: 'conclude', confidence: 0.8 }],
    ['finish', { cost: 0.02, artifacts: [{ name: 'summary.md', text: `About ${name}` }] }],
  ];
}

function eventReport(body: unknown): DemoReport {
  const { number } = eventSchema.parse(body);
  return ['steps', { id: `event-${number}`, action: 'read_event', confidence: 1 }];
}

async function reportAll(
  { reportUrl, stop: { signal } }: DemoWork,
  reports: readonly DemoReport[],
  apiKey: string,
): Promise<void> {
  for (const [place, body] of reports) {
    await sleep(pauseMs, undefined, { signal });
    const answer = await request(`${reportUrl}/${place}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal,
    });
    await answer.body.dump();
  }
}
