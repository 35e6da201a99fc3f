import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { makeDemoSessions } from './demo-agent-sessions.ts';
import { listenOnLoopback } from './demo-receiver.ts';
import type { DemoServer } from './demo-receiver.ts';

const pullRequestSchema = z.looseObject({
  pr_url: z.string(),
  title: z.string().default(''),
  description: z.string().nullish(),
  additions: z.number().default(0),
  changed_files: z.number().default(0),
});

/** Each rule of the demo: what it says when it finds something. */
const rules: readonly [finding: string, (pr: z.infer<typeof pullRequestSchema>) => boolean][] = [
  ['There is no description', ({ description }) => (description ?? '').trim() === ''],
  ['No test is mentioned', ({ description }) => !/\btest/i.test(description ?? '')],
  ['More than 400 lines are added: split it', ({ additions }) => additions > 400],
  ['More than 20 files are changed', ({ changed_files }) => changed_files > 20],
  ['The title says it is not finished', ({ title }) => /\b(wip|draft|do not merge)\b/i.test(title)],
];

export interface DemoAgentOptions {
  readonly port?: number;
  /** The key that it reports on its sessions with, once it is known. */
  readonly apiKey?: () => string | undefined;
}

/**
 * A demo of the agent that `AGENT_URL` names, for development: it works on sessions for a few
 * seconds; `POST /v1/reviews` applies five simple rules to the facts of a pull request and keeps the
 * report at `/reports/<number>`.
 */
export async function startDemoAgent(options: DemoAgentOptions = {}): Promise<DemoServer> {
  const sessions = makeDemoSessions(options.apiKey ?? (() => undefined));
  const reports: string[] = [];
  let url = '';
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      response.writeHead(400).end(error instanceof Error ? error.message : String(error));
    });
  });

  function review(body: unknown): string {
    const pullRequest = pullRequestSchema.parse(body);
    const findings = rules
      .filter(([, applies]) => applies(pullRequest))
      .map(([finding]) => finding);
    reports.push([`Demo review of ${pullRequest.pr_url}`, ...findings].join('\n- '));
    const report_url = `${url}/reports/${reports.length}`;
    return JSON.stringify({ report_url, issues_found: findings.length });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, url: path = '' } = request;
    if (method !== 'POST') {
      show(reports, path, response);
      return;
    }
    const body: unknown = JSON.parse(await text(request));
    if (path === '/v1/reviews') {
      response.setHeader('content-type', 'application/json');
      response.end(review(body));
      return;
    }
    response.writeHead(sessions.take(path, body) ?? 404).end();
  }

  const listening = await listenOnLoopback(server, options.port);
  ({ url } = listening);
  return {
    url,
    async close() {
      await sessions.close();
      await listening.close();
    },
  };
}

function show(reports: readonly string[], path: string, response: ServerResponse): void {
  const [, number] = /^\/reports\/(\d+)$/.exec(path) ?? [];
  const report = reports[Number(number) - 1];
  response.writeHead(report === undefined ? 404 : 200, {
    'content-type': 'text/plain; charset=utf-8',
  });
  response.end(report ?? 'There is no such report; they are kept until the next start');
}
