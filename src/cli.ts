import { resolve } from 'node:path';
import { Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import { readDevFile } from './embedded/dev-folder.ts';
import type { DevFile } from './embedded/dev-folder.ts';
import { channelNames } from './domain/channel.ts';
import { callApi } from './runtime/api-client.ts';
import { instantFrom } from './runtime/instant.ts';
import { readSample } from './runtime/samples.ts';
import { signedRequest } from './runtime/senders/index.ts';
import { sendSigned } from './runtime/senders/send.ts';
import { version } from './runtime/version.ts';
import { checkSsrfCases } from './check-ssrf.ts';
import { checkTriggerCases } from './check-triggers.ts';
import { addDoctor } from './cli-doctor.ts';
import { errorText } from './cli-error.ts';
import { addExplain } from './cli-explain.ts';
import { addRepair } from './cli-repair.ts';
import { addTrigger } from './cli-trigger.ts';
import { findSendTarget } from './send-target.ts';
import type { SendTargetOptions } from './send-target.ts';
import { checkVectorFolder } from './vectors.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** What `npm run dev` wrote in this folder. */
async function findDev(): Promise<DevFile> {
  const found = await readDevFile(resolve('.durahook'));
  if (!found)
    throw new Error('There is no .durahook/dev.json here: start the platform with `npm run dev`');
  return found;
}

async function api(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  const { url, api_key } = await findDev();
  return callApi({ url, apiKey: api_key }, { method, path, body });
}

async function send(
  channel: string,
  sampleName: string,
  options: SendTargetOptions,
): Promise<void> {
  const sample = await readSample(channel, sampleName);
  const { url, ...settings } = await findSendTarget(channel, options, findDev);
  const { id: deliveryId } = options;
  const stamp = { now: new Date(), ...(deliveryId !== undefined && { deliveryId }) };
  const signed = signedRequest(channel, sample, { ...settings, ...stamp });
  const { status, text } = await sendSigned(url, signed);
  const isAccepted = status === 200;
  const shown = isAccepted ? pc.green(String(status)) : pc.red(String(status));
  say(`${shown} ${text}`);
  if (!isAccepted) process.exitCode = 1;
}

const program = new Command('durahook')
  .description(
    'Send, look at and repair webhooks of a running platform (found through .durahook/dev.json)',
  )
  .version(version);

program
  .command('send')
  .description('send a sample, signed as the real provider does')
  .argument('<channel>', channelNames.join(', '))
  .argument('<sample>', 'a file of samples/<channel>, as pull_request')
  .option('--url <url>', 'another address than the one of this platform')
  .option('--secret <secrets...>', 'as kind=value, or for the first kind of the scheme')
  .option('--mode <mode>', 'native, platform or token')
  .option('--scheme <scheme>', 'where the channel has several, as signing_token')
  .option('--username <name>', 'for Basic')
  .option('--receive-id <id>', 'the receive id of WeCom')
  .option('--id <id>', 'the delivery id: the same one again is a redelivery')
  .action(send);

program
  .command('publish')
  .description('publish an event of the catalog')
  .argument('<type>', 'as session.created')
  .argument('<data>', 'its data, in JSON')
  .action(async (type: string, data: string) => {
    say(JSON.stringify(await api('POST', '/v1/events', { type, data: parseJson(data) })));
  });

addRepair(program, api);

program
  .command('replay')
  .description('start the workflows of a timeframe again')
  .requiredOption('--from <when>', 'an instant, or a time from now as -1h')
  .option('--to <when>', 'as --from', '-0s')
  .option('--direction <direction>', 'inbound (trigger runs) or outbound (deliveries)', 'outbound')
  .option('--type <types...>', 'only these event types')
  .option('--endpoint-id <id>', 'outbound only')
  .option('--state <state>', 'all, failed, never_attempted, or one of those that have ended')
  .option('--source <channel>', 'inbound only')
  .option('--trigger-id <id>', 'inbound only')
  .option('--rate <number>', 'items per second', Number)
  .option('--confirm <number>', 'what a dry run has counted; needed above 1,000', Number)
  .option('--dry-run', 'only show what it would start')
  .action(replay);

program
  .command('login-link')
  .description('make a link that logs a browser in, once')
  .action(async () => {
    const { url } = z.object({ url: z.string() }).parse(await api('POST', '/v1/login-links'));
    say(url);
  });

program
  .command('check-vectors')
  .description('run recorded requests through the ingress and compare the outcomes')
  .argument('<dir>', 'a folder of vector files')
  .action(async (dir: string) => {
    process.exitCode = await checkVectorFolder(dir, say);
  });

program
  .command('check-ssrf')
  .description('check what deliveries may reach against a file of URLs; nothing leaves the machine')
  .argument('<file>', 'a JSON file of cases')
  .action(async (file: string) => {
    process.exitCode = await checkSsrfCases(file, say);
  });

program
  .command('check-triggers')
  .description('check a folder of trigger files against what their comments expect')
  .argument('<dir>', 'a folder of trigger files')
  .action(async (dir: string) => {
    process.exitCode = await checkTriggerCases(dir, say);
  });

addDoctor(program, api);
addTrigger(program, api);
addExplain(program, api);

interface ReplayOptions {
  readonly from: string;
  readonly to: string;
  readonly direction: string;
  readonly type?: string[];
  readonly endpointId?: string;
  readonly state?: string;
  readonly source?: string;
  readonly triggerId?: string;
  readonly rate?: number;
  readonly confirm?: number;
  readonly dryRun?: boolean;
}

async function replay({
  from,
  to,
  direction,
  type,
  endpointId,
  state,
  triggerId,
  dryRun,
  ...named
}: ReplayOptions): Promise<void> {
  const now = new Date();
  const answer = await api('POST', '/v1/replays', {
    from: instantFrom(from, now).toISOString(),
    to: instantFrom(to, now).toISOString(),
    direction,
    ...(type && { event_types: type }),
    ...(endpointId !== undefined && { endpoint_id: endpointId }),
    ...(state !== undefined && { state }),
    ...(triggerId !== undefined && { trigger_id: triggerId }),
    ...(dryRun === true && { dry_run: true }),
    ...named,
  });
  say(JSON.stringify(answer));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The data are not JSON: ${text.slice(0, 60)}`);
  }
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${pc.red('Error:')} ${errorText(error)}\n`);
  process.exitCode = 1;
});
