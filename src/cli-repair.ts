import type { Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import type { Api } from './cli-api.ts';
import { errorText } from './cli-error.ts';
import { endedDeliveryStates } from './domain/cycle.ts';
import { table, withoutControls } from './runtime/text-table.ts';

type Given = Readonly<Record<string, string | undefined>>;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Add to the commands what looks at deliveries and rejected requests, and sends them again. */
export function addRepair(program: Command, api: Api): void {
  addDeliveries(program, api);
  addDeadLetters(program, api);
  addRejectedRequests(program, api);
}

const limitOption = ['--limit <number>', 'how many, 1 to 200; 50 without'] as const;

function addDeliveries(program: Command, api: Api): void {
  const fields = 'id event_type endpoint_id state cycle attempt_count last_reason created_at';
  program
    .command('deliveries')
    .description('list deliveries, newest first')
    .option('--event-id <id>', 'of this event, as evt_…')
    .option('--endpoint-id <id>', 'to this endpoint, as ep_…')
    .option('--state <state>', ['pending', 'retrying', ...endedDeliveryStates].join(', '))
    .option(...limitOption)
    .action(async ({ eventId, endpointId, state, limit }: Given) => {
      const query = { event_id: eventId, endpoint_id: endpointId, state, limit };
      await printList(api, `/v1/deliveries${queryText(query)}`, fields.split(' '));
    });
}

function addDeadLetters(program: Command, api: Api): void {
  const fields = 'id kind event_type reason died_at state';
  program
    .command('dead-letters')
    .description('list dead letters, newest first')
    .option('--state <state>', 'open, redriven, discarded', 'open')
    .option(...limitOption)
    .action(async ({ state, limit }: Given) => {
      await printList(api, `/v1/dead-letters${queryText({ state, limit })}`, fields.split(' '));
    });
  program
    .command('redrive')
    .description('start the next cycle of dead letters')
    .argument('<ids...>', 'ids of dead letters')
    .option('--reason <text>', 'why they may succeed now, for the audit log')
    .action(async (ids: string[], { reason }: Given) => {
      const body = { ids, ...(reason !== undefined && { reason }) };
      const answer = await api('POST', '/v1/dead-letters/redrive', body);
      say(JSON.stringify(answer, null, 2));
      const { results } = z
        .object({ results: z.array(z.object({ state: z.string() })) })
        .parse(answer);
      if (results.some(({ state }) => state === 'refused')) process.exitCode = 1;
    });
}

function addRejectedRequests(program: Command, api: Api): void {
  const fields = 'id channel reason clock_difference_s received_at is_releasable';
  program
    .command('rejected-requests')
    .description('list rejected requests, newest first')
    .option('--channel <channel>', 'as github')
    .option('--reason <reason>', 'as signature_mismatch')
    .option(...limitOption)
    .action(async ({ channel, reason, limit }: Given) => {
      const query = { channel, reason, state: 'kept', limit };
      await printList(api, `/v1/rejected-requests${queryText(query)}`, fields.split(' '));
    });
  program
    .command('release')
    .description("verify rejected requests with today's secrets, and accept them")
    .argument('<ids...>', 'ids of rejected requests')
    .option('--ignore-time', 'although their timestamps are too old by now')
    .action(async (ids: string[], { ignoreTime }: { ignoreTime?: boolean }) => {
      for (const id of ids) await release(api, id, ignoreTime === true);
    });
}

/** One that is refused does not keep the next ones back. */
async function release(api: Api, id: string, isTimeIgnored: boolean): Promise<void> {
  const path = `/v1/rejected-requests/${encodeURIComponent(id)}/release`;
  try {
    say(JSON.stringify(await api('POST', path, { ignore_time: isTimeIgnored })));
  } catch (error) {
    const told = withoutControls(`${id}: `) + errorText(error);
    process.stderr.write(`${pc.red('Error:')} ${told}\n`);
    process.exitCode = 1;
  }
}

const listSchema = z.object({
  data: z.array(z.record(z.string(), z.unknown())),
  next_cursor: z.string().nullable(),
});

/** `GET` a list and print the named fields of its rows, and that there are more. */
async function printList(api: Api, path: string, fields: readonly string[]): Promise<void> {
  const { data, next_cursor: next } = listSchema.parse(await api('GET', path));
  say(table(fields, data));
  if (next === null) return;
  say(`The newest ${data.length}; there are more: narrow them, or raise --limit`);
}

function queryText(options: Given): string {
  const given = Object.entries(options).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
}
