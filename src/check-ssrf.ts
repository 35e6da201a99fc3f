import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect as connectSocket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { makeHttpClient } from '../activities/http.ts';
import type { Answer } from '../activities/http.ts';
import type { Connector } from '../activities/http-agents.ts';
import { makeEgress } from './runtime/egress.ts';
import type { Egress } from './runtime/egress.ts';

const answerSchema = z.union([z.string(), z.array(z.string())]);

const caseSchema = z.object({
  id: z.string(),
  url: z.string(),
  expect: z.enum(['allowed', 'blocked']),
  /** Refused already when an endpoint is saved. */
  stage: z.literal('save').optional(),
  /** How the attempt's outcome is called in such files. */
  outcome: z.string().optional(),
  policy: z.object({ egress_allow: z.array(z.string()) }).optional(),
  /** By name: the successive answers, lists of addresses or an error's code; the last one repeats. */
  resolver: z.record(z.string(), z.array(answerSchema)).optional(),
  /** Which attempt is looked at: 2 = the second. */
  attempt: z.int().optional(),
  /** Where the consumer's answer sends us, which must not be followed. */
  redirect_to: z.string().optional(),
  expect_requests: z.int().optional(),
});

type Case = z.output<typeof caseSchema>;

const corpusSchema = z.object({ cases: z.array(caseSchema) });

/** What became of a case. */
interface Seen {
  /** Why it was refused when it was saved; undefined = it was not. */
  readonly refusal: string | undefined;
  /** Of the last attempt; undefined = there was none. */
  readonly answer: Answer | undefined;
  /** Where connections were asked for in that attempt. */
  readonly dialled: readonly string[];
  readonly requests: number;
}

/**
 * Check the guard against URLs and what must become of them, through the very client that makes
 * attempts. Names are answered as the case says; every connection goes to a server of this process,
 * whatever it asks for, so that nothing leaves the machine.
 *
 * @returns 0 when all are as expected, else 1
 */
export async function checkSsrfCases(file: string, say: (line: string) => void): Promise<number> {
  const { cases } = corpusSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  let failed = 0;
  for (const one of cases) {
    const fault = faultOf(one, await tryOut(one));
    if (fault === undefined) continue;
    failed += 1;
    say(`${one.id}: ${fault}`);
  }
  say(`${cases.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

async function tryOut(one: Case): Promise<Seen> {
  const egress = makeEgress(one.policy?.egress_allow ?? [], resolverOf(one));
  const refusal = egress.refuseTarget(one.url);
  if (refusal !== undefined) return { refusal, answer: undefined, dialled: [], requests: 0 };
  return attemptCase(one, egress);
}

async function attemptCase(one: Case, egress: Egress): Promise<Seen> {
  let requests = 0;
  const consumer = await listen((_, response) => {
    requests += 1;
    const location = one.redirect_to;
    response.writeHead(
      location === undefined ? 200 : 302,
      location === undefined ? {} : { location },
    );
    response.end();
  });
  let dialled: string[] = [];
  const dial: Connector = (options, callback) => {
    if (options.httpSocket) {
      callback(null, options.httpSocket); // TLS is left out: who is dialled is the question.
      return;
    }
    dialled.push(options.hostname);
    const socket = connectSocket(portOf(consumer), '127.0.0.1', () => callback(null, socket));
  };
  const http = makeHttpClient(egress, () => dial);
  try {
    let answer: Answer | undefined;
    for (let attempt = 1; attempt <= attemptsOf(one); attempt += 1) {
      dialled = [];
      const post = { url: one.url, headers: { connection: 'close' }, body: Buffer.alloc(0) };
      answer = await http.post({ ...post, timeoutMs: 2000 });
    }
    return { refusal: undefined, answer, dialled, requests };
  } finally {
    await http.close();
    consumer.closeAllConnections();
    consumer.close();
  }
}

async function listen(answer: Parameters<typeof createServer>[1]): Promise<Server> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A name that answers otherwise each time, and must be blocked in the end, is connected to until then. */
function attemptsOf({ attempt, expect, resolver = {} }: Case): number {
  if (attempt !== undefined) return attempt;
  if (expect === 'allowed') return 1;
  return Math.max(1, ...Object.values(resolver).map((answers) => answers.length));
}

/** Answers as the case says, the last answer over and over; names that it does not know do not resolve. */
export function resolverOf({
  resolver = {},
}: Pick<Case, 'resolver'>): (name: string) => Promise<readonly string[]> {
  const asked = new Map<string, number>();
  return async (name) => {
    const answers = resolver[name] ?? ['ENOTFOUND'];
    const count = asked.get(name) ?? 0;
    asked.set(name, count + 1);
    const answer = answers[Math.min(count, answers.length - 1)] ?? 'ENOTFOUND';
    if (typeof answer !== 'string') return answer;
    // What getaddrinfo says of a name server that does not answer.
    const code = answer === 'TIMEOUT' ? 'EAI_AGAIN' : answer;
    throw Object.assign(new Error(`getaddrinfo ${code} ${name}`), { code });
  };
}

/** What is not as it should be; undefined when the case passes. */
function faultOf(one: Case, seen: Seen): string | undefined {
  const outcome = seen.answer && outcomeOf(seen.answer);
  const isDialled = seen.dialled.length > 0;
  const isRedirect = one.redirect_to !== undefined;
  const rules: readonly (readonly [string, boolean])[] = [
    ['allowed', one.expect === 'blocked' || isDialled],
    ['blocked', one.expect === 'allowed' || isRedirect || !isDialled],
    ['refused', one.stage === undefined || seen.refusal !== undefined],
    [`${one.outcome}`, one.outcome === undefined || outcome === one.outcome],
    [`${one.expect_requests} requests`, hasAsMany(one, seen)],
  ];
  const broken = rules.find(([, isKept]) => !isKept);
  if (!broken) return undefined;
  const dialled = seen.dialled.join(', ') || 'nothing';
  const told = seen.refusal ?? `${outcome}, dialled ${dialled}, ${seen.requests} requests`;
  return `expected ${broken[0]}, seen: ${told}`;
}

function hasAsMany({ expect_requests: wanted }: Case, { requests }: Seen): boolean {
  return wanted === undefined || requests === wanted;
}

/** An attempt's outcome in the words of such files. */
function outcomeOf({ reason, status }: Answer): string {
  if (reason === 'dns') return 'dns_error';
  return status === null ? (reason ?? 'none') : `http_${status}`;
}
