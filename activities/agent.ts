import { request } from 'undici';

/** It takes a session or an event on; what it makes of it, it reports later. */
const timeoutMs = 10_000;

/** What the agent made of a call. */
export type AgentAnswer =
  | { readonly kind: 'taken' }
  /** A 4xx that will not get better by itself. */
  | { readonly kind: 'refused'; readonly status: number };

/** One call to the agent: to be repeated with the same key until it is taken or refused. */
export interface AgentCall {
  readonly path: `/v1/sessions${string}`;
  /** The header `Idempotency-Key`: by it the agent tells a repeat. */
  readonly key: string;
  readonly body: unknown;
}

/**
 * POST to the service at `AGENT_URL`, which the operator has chosen: any address is allowed.
 *
 * @throws Error when the agent is away, too slow, or answers anything but 2xx and a final 4xx
 */
export async function callAgent(
  agentUrl: string,
  { path, key, body }: AgentCall,
): Promise<AgentAnswer> {
  const answer = await request(`${agentUrl.replace(/\/+$/, '')}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs),
  });
  await answer.body.dump(); // Whatever its body is, or if it never ends: the status says it.
  const { statusCode: status } = answer;
  if (status >= 200 && status <= 299) return { kind: 'taken' };
  const isFinal = status >= 400 && status <= 499 && status !== 408 && status !== 429;
  if (isFinal) return { kind: 'refused', status };
  throw new Error(`The agent answered ${status}`);
}
