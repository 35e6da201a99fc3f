import { ApplicationFailure } from '@temporalio/activity';
import { request } from 'undici';
import { z } from 'zod';
import type { PullRequest, Review } from '../../src/domain/automations.ts';

const answerSchema = z.object({ report_url: z.url(), issues_found: z.number().int().min(0) });

/** An agent thinks for a while; the activity's own limit is two minutes. */
const timeoutMs = 110_000;

/**
 * `POST {AGENT_URL}/v1/reviews` with the facts of a pull request; the agent answers
 * `{report_url, issues_found}`.
 *
 * @throws ApplicationFailure not retried when no agent is configured or it refuses the request
 */
export async function askForReview(
  agentUrl: string | undefined,
  pullRequest: PullRequest,
): Promise<Review> {
  if (agentUrl === undefined) {
    throw ApplicationFailure.nonRetryable('No agent to ask: set AGENT_URL', 'AgentMissing');
  }
  const answer = await request(new URL('/v1/reviews', agentUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(pullRequest),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 400 && answer.statusCode < 500) {
    throw ApplicationFailure.nonRetryable(
      `The agent refused the review: ${answer.statusCode}`,
      'AgentRefused',
    );
  }
  if (answer.statusCode !== 200) throw new Error(`The agent answered ${answer.statusCode}`);
  return answerSchema.parse(JSON.parse(text));
}
