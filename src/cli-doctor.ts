import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import pc from 'picocolors';
import { z } from 'zod';
import { readRawHttp } from '../server/doctor/raw-http.ts';
import { diagnose } from '../server/doctor/signature-doctor.ts';
import type { Api } from './cli-api.ts';
import type { Integration, RawRequest } from './domain/channel.ts';
import { instantFrom } from './runtime/instant.ts';
import { readSecret, requireChannel, requireScheme } from './send-target.ts';

interface DoctorOptions {
  readonly integration?: string;
  readonly request?: string;
  readonly at?: string;
  readonly channel?: string;
  readonly mode?: string;
  readonly scheme?: string;
  readonly secret: readonly string[];
  readonly username?: string;
  readonly receiveId?: string;
  readonly tolerance: string;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Add `doctor signature` to the commands. */
export function addDoctor(program: Command, api: Api): void {
  const doctor = program.command('doctor').description('find out what is wrong');
  doctor
    .command('signature')
    .description('say why a request does not verify')
    .argument('[rejected-request]', 'the id of one that was refused and kept, as rej_…')
    .option('--integration <id>', 'the integration that --request was sent to')
    .option('--request <file>', 'request line, headers, empty line, body; - is the standard input')
    .option('--at <when>', 'when it arrived: an instant, or a time from now as -1h')
    .option('--channel <channel>', 'without a platform: the channel to verify for')
    .option('--mode <mode>', 'native, platform or token; as the channel has it without')
    .option('--scheme <scheme>', 'as signing_token; as the channel has it without')
    .option(
      '--secret <secret>',
      'as kind=value, or for the first kind of the scheme; may be repeated',
      collect,
      [],
    )
    .option('--username <name>', 'of gerrit with a password')
    .option('--receive-id <id>', 'of wecom')
    .option('--tolerance <seconds>', 'without a platform: as TIMESTAMP_TOLERANCE', '300')
    .action(async (id: string | undefined, options: DoctorOptions) => {
      const diagnosis = await diagnosisOf(id, options, api);
      for (const line of linesOf(diagnosis)) say(line);
      process.exitCode = diagnosis.outcome === 'unexplained' ? 1 : 0;
    });
}

function collect(value: string, earlier: readonly string[]): string[] {
  return [...earlier, value];
}

const diagnosisSchema = z.object({
  outcome: z.enum(['verifies', 'explained', 'unexplained']),
  reason: z.string().nullable(),
  findings: z.array(
    z.object({
      title: z.string(),
      detail: z.string(),
      what_to_do: z.string(),
      confidence: z.enum(['certain', 'likely']),
    }),
  ),
  tried: z.number(),
  is_complete: z.boolean(),
});

type Told = z.output<typeof diagnosisSchema>;

async function diagnosisOf(
  id: string | undefined,
  options: DoctorOptions,
  api: Api,
): Promise<Told> {
  const { integration, channel, request: file } = options;
  const at = options.at === undefined ? undefined : instantFrom(options.at, new Date());
  const when = at && { at: at.toISOString() };
  const ask = async (body: object): Promise<Told> =>
    diagnosisSchema.parse(await api('POST', '/v1/signature-doctor', { ...body, ...when }));
  if (id !== undefined) return ask({ rejected_request_id: id });
  if (file === undefined || (integration === undefined) === (channel === undefined)) {
    throw new Error(
      'Give the id of a rejected request, or --request with either --integration or --channel',
    );
  }
  const request = readRawHttp(await (file === '-' ? buffer(process.stdin) : readFile(file)));
  if (integration !== undefined)
    return ask({ integration_id: integration, request: packed(request) });
  return diagnosisSchema.parse(await offline(request, options, at ?? new Date()));
}

function packed({ method, query, headers, body }: RawRequest): object {
  return { method, query, headers, body_base64: Buffer.from(body).toString('base64') };
}

async function offline(request: RawRequest, options: DoctorOptions, now: Date): Promise<unknown> {
  const toleranceS = Number(options.tolerance);
  if (!Number.isSafeInteger(toleranceS) || toleranceS < 0) {
    throw new Error(`"${options.tolerance}" is no number of seconds`);
  }
  return diagnose(request, integrationOf(options), { now, toleranceS });
}

function integrationOf(options: DoctorOptions): Integration {
  const channel = requireChannel(options.channel ?? '');
  const found = requireScheme(channel, options);
  const { mode, scheme } = found;
  return {
    id: 'int_offline',
    tenantId: 'ten_offline',
    channel,
    mode,
    scheme,
    username: options.username ?? null,
    receiveId: options.receiveId ?? null,
    toleranceS: null,
    dedupe: null,
    secrets: options.secret.map((text, index) => ({
      ...readSecret(text, channel, found),
      id: `--secret ${index + 1}`,
      expiresAt: null,
    })),
    triggerId: null,
  };
}

const verdicts = {
  verifies: pc.green('It verifies'),
  explained: pc.yellow('It does not verify, and this is why'),
  unexplained: pc.red('It does not verify, and no difference that is known explains it'),
} as const;

function linesOf({ outcome, reason, findings, tried, is_complete }: Told): string[] {
  const limit = is_complete ? '' : '; a limit of number or size ended the search';
  return [
    `${verdicts[outcome]}${reason === null ? '' : ` (${reason})`}`,
    ...findings.flatMap(({ title, detail, what_to_do, confidence }) => [
      '',
      `${pc.bold(title)}${confidence === 'likely' ? ' (likely)' : ''}`,
      `  ${detail}`,
      `  → ${what_to_do}`,
    ]),
    '',
    pc.dim(`${tried} signatures tried${limit}`),
  ];
}
