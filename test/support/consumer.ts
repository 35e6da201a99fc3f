import { createServer } from 'node:http';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** One POST as it arrived. */
export interface Arrival {
  /** Milliseconds of a monotonic clock. */
  readonly at: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
}

/** How the consumer answers; a number is a status. */
export type AnswerPlan = number | ((response: ServerResponse) => void);

/** A customer's endpoint on loopback that remembers what arrived and answers as it is told. */
export interface Consumer {
  readonly url: string;
  readonly arrivals: Arrival[];
  /** What a path answers next, in order; without a plan it is 200. */
  plan(path: string, ...answers: readonly AnswerPlan[]): void;
  /** What a path answers when its plan is used up. */
  always(path: string, answer: AnswerPlan): void;
  at(path: string): readonly Arrival[];
  close(): Promise<void>;
}

export async function startConsumer(): Promise<Consumer> {
  const arrivals: Arrival[] = [];
  const plans = new Map<string, AnswerPlan[]>();
  const defaults = new Map<string, AnswerPlan>();
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    void buffer(request).then((bytes) => {
      arrivals.push({
        at: performance.now(),
        headers: request.headers,
        body: bytes.toString('utf8'),
        path,
      });
      const answer = plans.get(path)?.shift() ?? defaults.get(path) ?? 200;
      if (typeof answer === 'number') response.writeHead(answer).end(`answer ${answer}`);
      else answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    arrivals,
    plan: (path, ...answers) => void plans.set(path, [...answers]),
    always: (path, answer) => void defaults.set(path, answer),
    at: (path) => arrivals.filter((arrival) => arrival.path === path),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
