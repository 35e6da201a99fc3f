import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { makeBodyBudget } from '../../server/body-budget.ts';
import type { Reservation } from '../../server/body-budget.ts';
import { readRawRequest } from '../../server/raw-request.ts';

const forever = new AbortController().signal;

/** What has become of each reservation so far. */
function follow(reserving: Record<string, Promise<Reservation | undefined>>): string[] {
  const settled: string[] = [];
  for (const [name, share] of Object.entries(reserving)) {
    void share.then((got) => settled.push(got ? name : `${name} left`));
  }
  return settled;
}

describe('makeBodyBudget()', () => {
  test('holds at most its capacity, and lets in who waits in the order of asking', async () => {
    const budget = makeBodyBudget({ capacityBytes: 100, waitMaxMs: 1000 });
    const first = await budget.reserve(60, forever);
    const second = await budget.reserve(40, forever);
    const settled = follow({
      large: budget.reserve(80, forever),
      small: budget.reserve(10, forever),
    });
    first?.release();
    await turn();
    // 60 are free: enough for the small one, but the large one was first.
    expect(settled).toEqual([]);
    second?.release();
    await turn();
    expect(settled).toEqual(['large', 'small']);
    expect(budget.heldBytes).toBe(90);
  });

  test.each([100, 101])('lets in %i bytes of 100, alone', async (sizeBytes) => {
    const budget = makeBodyBudget({ capacityBytes: 100, waitMaxMs: 1000 });
    const share = await budget.reserve(sizeBytes, forever);
    const settled = follow({ next: budget.reserve(1, forever) });
    await turn();
    expect(settled).toEqual([]);
    share?.release();
    await turn();
    expect(settled).toEqual(['next']);
    expect(budget.heldBytes).toBe(1);
  });

  test('gets back what was reserved once, however often it is released', async () => {
    const budget = makeBodyBudget({ capacityBytes: 100, waitMaxMs: 1000 });
    const share = await budget.reserve(70, forever);
    const other = await budget.reserve(30, forever);
    share?.shrinkTo(20);
    share?.shrinkTo(50);
    expect(budget.heldBytes).toBe(50);
    share?.release();
    share?.release();
    share?.shrinkTo(0);
    expect(budget.heldBytes).toBe(30);
    other?.release();
    expect(budget.heldBytes).toBe(0);
  });

  test('lets in who fits once a share shrinks', async () => {
    const budget = makeBodyBudget({ capacityBytes: 100, waitMaxMs: 1000 });
    const share = await budget.reserve(100, forever);
    const settled = follow({ next: budget.reserve(60, forever) });
    share?.shrinkTo(40);
    await turn();
    expect(settled).toEqual(['next']);
    expect(budget.heldBytes).toBe(100);
  });

  test('lets a sender that has gone leave the queue, and in who it held up', async () => {
    const budget = makeBodyBudget({ capacityBytes: 100, waitMaxMs: 1000 });
    await budget.reserve(50, forever);
    const gone = new AbortController();
    const settled = follow({
      head: budget.reserve(60, gone.signal),
      behind: budget.reserve(50, forever),
    });
    gone.abort();
    await turn();
    expect(settled.toSorted()).toEqual(['behind', 'head left']);
    expect(budget.heldBytes).toBe(100);
    expect(await budget.reserve(1, gone.signal)).toBeUndefined();
  });
});

describe('makeBodyBudget() and time', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('turns away who waited too long, and only then', async () => {
    const budget = makeBodyBudget({ capacityBytes: 100, waitMaxMs: 1000 });
    const share = await budget.reserve(100, forever);
    const settled = follow({ late: budget.reserve(1, forever) });
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(settled).toEqual(['late left']);
    share?.release();
    expect(budget.heldBytes).toBe(0);
  });

  test('who had its turn in time keeps it', async () => {
    const budget = makeBodyBudget({ capacityBytes: 100, waitMaxMs: 1000 });
    const share = await budget.reserve(100, forever);
    const settled = follow({ next: budget.reserve(100, forever) });
    share?.release();
    await vi.advanceTimersByTimeAsync(5000);
    expect(settled).toEqual(['next']);
    expect(budget.heldBytes).toBe(100);
  });
});

describe('readRawRequest() and the budget', () => {
  test('takes the room back from a sender that stands still', async () => {
    const budget = makeBodyBudget({ capacityBytes: 1_000_000, waitMaxMs: 50 });
    const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
      const read = await readRawRequest(message, { maxBodyBytes: 1_000_000, budget });
      response.end(read.kind);
    };
    const server = createServer((message, response) => void serve(message, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const headers = { 'Content-Length': 900_000 };
    const sending = request({ port, method: 'POST', agent: false, headers });
    sending.on('error', () => undefined).write('x');
    const [answer] = (await once(sending, 'response')) as [IncomingMessage];
    expect(String(await answer.setEncoding('utf8').toArray())).toBe('too_slow');
    expect(budget.heldBytes).toBe(0);
    sending.destroy();
    server.close();
  });

  test('gives all of it back, whenever senders leave and however long their bodies are', async () => {
    const budget = makeBodyBudget({ capacityBytes: 1_000_000, waitMaxMs: 50 });
    const outcomes = new Map<string, number>();
    let highest = 0;
    const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
      const read = await readRawRequest(message, { maxBodyBytes: 400_000, budget });
      outcomes.set(read.kind, (outcomes.get(read.kind) ?? 0) + 1);
      highest = Math.max(highest, budget.heldBytes);
      await sleep(5);
      response.end(read.kind === 'read' ? String(read.request.body.length) : read.kind);
      if (read.kind === 'read') read.release();
    };
    const server = createServer((message, response) => void serve(message, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, number) => {
        const sizeBytes = (number * 7919) % 450_000;
        const isChunked = number % 3 === 0;
        const leavesAfterMs = number % 4 === 0 ? number % 60 : undefined;
        return post({ port, sizeBytes, isChunked, leavesAfterMs });
      }),
    );
    server.close();
    await expect.poll(() => budget.heldBytes).toBe(0);
    expect(highest).toBeLessThanOrEqual(1_000_000);
    const right = answers.filter(
      ({ sizeBytes, text }) =>
        text === (sizeBytes > 400_000 ? 'too_large' : String(sizeBytes)) || text === 'no_room',
    );
    const gone = answers.filter(({ text }) => text === undefined);
    expect(right.length + gone.length).toBe(300);
    expect([...outcomes.keys()].toSorted()).toEqual(['aborted', 'no_room', 'read', 'too_large']);
  });
});

interface Post {
  readonly port: number;
  readonly sizeBytes: number;
  readonly isChunked: boolean;
  readonly leavesAfterMs: number | undefined;
}

/** Half of a body at once, half a moment later. No text = the connection was cut. */
async function post({ port, sizeBytes, isChunked, leavesAfterMs }: Post) {
  const headers = isChunked ? {} : { 'Content-Length': sizeBytes };
  const sending = request({ port, method: 'POST', agent: false, headers });
  const answered = new Promise<string | undefined>((resolve) => {
    sending
      .on('error', () => resolve(undefined))
      .once('response', (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += String(chunk))).on('error', () => undefined);
        answer.once('close', () => resolve(answer.complete ? text : undefined));
      });
  });
  const half = Math.floor(sizeBytes / 2);
  await new Promise((resolve) => sending.write(Buffer.alloc(half, 'a'), resolve));
  await sleep(leavesAfterMs ?? 10);
  if (leavesAfterMs === undefined) sending.end(Buffer.alloc(sizeBytes - half, 'b'));
  else sending.destroy();
  return { sizeBytes, text: await answered };
}
