import autocannon from 'autocannon';
import { signPlatform } from '../src/runtime/signature.ts';

export interface Load {
  readonly url: string;
  readonly secret: string;
  readonly body: Buffer;
  readonly connections: number;
  readonly seconds: number;
}

/** What came of a load: answers of 200 a second, and how many others there were. */
export interface LoadResult {
  readonly ratePerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly others: number;
}

/** Send signed requests as fast as they are answered, each with a delivery id of its own. */
export async function putLoad({
  url,
  secret,
  body,
  connections,
  seconds,
}: Load): Promise<LoadResult> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const headers = {
    'content-type': 'application/json',
    'x-webhook-event': 'order',
    'x-webhook-timestamp': timestamp,
    'x-webhook-signature': signPlatform(secret, timestamp, body),
  };
  const prefix = `${process.pid}-${process.hrtime.bigint()}`;
  let sent = 0;
  const result = await autocannon({
    url,
    connections,
    duration: seconds,
    requests: [
      {
        method: 'POST',
        body,
        headers,
        setupRequest: (request) => {
          sent += 1;
          return { ...request, headers: { ...headers, 'x-webhook-id': `${prefix}-${sent}` } };
        },
      },
    ],
  });
  return {
    ratePerS: result['2xx'] / result.duration,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
    others: result.non2xx + result.errors,
  };
}
