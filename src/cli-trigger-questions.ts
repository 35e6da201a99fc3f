import type { Command } from 'commander';
import { z } from 'zod';
import { readSampleEvent } from '../server/sample-event.ts';
import type { Api } from './cli-api.ts';
import { decisiveSchema, decisiveText } from './cli-decisive.ts';
import { instantFrom } from './runtime/instant.ts';
import { table, withoutControls } from './runtime/text-table.ts';
import { dryRunTrigger } from './runtime/trigger-dry-run.ts';
import { formatProblem } from './runtime/trigger-problems.ts';
import { findTriggerFile, readTriggerFiles } from './trigger-files.ts';
import type { WorkedTriggerFile } from './trigger-files.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Add to `trigger` what is asked about events: `dry-run`, `backtest`, `list`. */
export function addTriggerQuestions(trigger: Command, api: Api): void {
  trigger
    .command('dry-run')
    .description('say what a trigger makes of an event, and why; nothing is started')
    .argument('<trigger>', 'its name, or its file')
    .argument('<event>', 'an event of the platform as evt_…, or a sample as github/pull_request')
    .action(async (name: string, event: string) => {
      for (const line of dryRunLines(await dryRun(api, name, event))) say(withoutControls(line));
    });
  trigger
    .command('backtest')
    .description('say what a trigger would have made of the events of a timeframe')
    .argument('<trigger>', 'its name')
    .requiredOption('--since <when>', 'a time from now back as 7d, or an instant')
    .option('--file <file>', 'its text as changed here')
    .action(async (name: string, options: BacktestOptions) => {
      const told = await backtest(api, name, options);
      for (const line of backtestLines(told)) say(withoutControls(line));
    });
  trigger
    .command('list')
    .description('list the triggers of the platform, by name')
    .action(async () => {
      const { data } = listSchema.parse(await api('GET', '/v1/triggers'));
      const fields = ['id', 'name', 'revision', 'state', 'runs_24h', 'failures_24h', 'last_run_at'];
      say(
        table(
          fields,
          data.map((row) => ({ ...row, state: stateOf(row) })),
        ),
      );
    });
}

const listSchema = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      is_active: z.boolean(),
      problem: z.string().nullable(),
      quarantine: z.string().nullable(),
      mode: z.string(),
    }),
  ),
});

function stateOf(row: z.output<typeof listSchema>['data'][number]): string {
  if (row.quarantine !== null) return `quarantined: ${row.quarantine}`;
  if (row.problem !== null) return `broken: ${row.problem}`;
  return row.is_active ? row.mode : 'inactive';
}

/** Beside them the name, type, address or key that it has. */
const actionSchema = z
  .object({ kind: z.string(), with: z.unknown() })
  .catchall(z.string().nullable());

/** What `dryRunTrigger` says, and what the API answers. */
const dryRunSchema = z.object({
  fires: z.boolean(),
  why: z.string(),
  decisive: decisiveSchema.nullable(),
  guards: z.record(z.string(), z.string().nullable()).nullable(),
  action: actionSchema.nullable(),
  failure: z.string().nullable(),
});

async function dryRun(
  api: Api,
  name: string,
  event: string,
): Promise<z.output<typeof dryRunSchema>> {
  const file = await findTriggerFile(name);
  const definition = file && definitionOf(file);
  const isRecorded = event.startsWith('evt_');
  if (definition && !isRecorded) {
    return dryRunSchema.parse(dryRunTrigger(definition, await readSampleEvent(event)));
  }
  const about = isRecorded ? { event_id: event } : { sample: event };
  const answer = file
    ? await api('POST', '/v1/triggers/dry-run', { text: file.text, ...about })
    : await api('POST', `/v1/triggers/${await findId(api, name)}/dry-run`, about);
  return dryRunSchema.parse(answer);
}

/** @throws Error with everything that is wrong with the file */
function definitionOf({ checked }: WorkedTriggerFile) {
  if ('definition' in checked) return checked.definition;
  throw new Error(withoutControls(checked.problems.map(formatProblem).join('\n')));
}

/** @throws Error naming the triggers that there are */
async function findId(api: Api, name: string): Promise<string> {
  const { data } = listSchema.parse(await api('GET', '/v1/triggers'));
  const row = data.find((trigger) => trigger.name === name || trigger.id === name);
  if (row) return row.id;
  const known = data.map((trigger) => trigger.name).join(', ');
  throw new Error(`There is no trigger "${name}", neither as a file nor here: ${known}`);
}

function dryRunLines(answer: z.output<typeof dryRunSchema>): string[] {
  const { fires, why, decisive, guards, action, failure } = answer;
  const keys = Object.entries(guards ?? {}).filter(([, key]) => key !== null);
  return [
    fires ? 'fires' : `does not fire: ${why}`,
    ...(failure === null ? [] : [`  failure  ${failure}`]),
    ...(decisive ? [`  because  ${decisiveText(decisive)}`] : []),
    ...keys.map(([guard, key]) => `  key      ${guard} ${key}`),
    ...(action ? actionLines(action) : []),
  ];
}

function actionLines({ kind, with: input, ...named }: z.output<typeof actionSchema>): string[] {
  const names = Object.values(named).filter((value) => value !== null);
  const lines = (JSON.stringify(input, null, 2) ?? '').split('\n');
  return [`  does     ${[kind, ...names].join(' ')}`, ...lines.map((line) => `    ${line}`)];
}

interface BacktestOptions {
  readonly since: string;
  readonly file?: string;
}

const backtestSchema = z.object({
  from: z.string(),
  to: z.string(),
  events: z.number(),
  would_fire: z.number(),
  fired: z.number(),
  both: z.number(),
  only_would: z.number(),
  only_did: z.number(),
  failures: z.number(),
  skipped_large: z.number(),
  is_cut: z.boolean(),
  differences: z.array(
    z.object({
      event_id: z.string(),
      event_type: z.string(),
      received_at: z.string(),
      would: z.boolean(),
      did: z.object({ run_id: z.string(), state: z.string() }).nullable(),
      why: z.string(),
      decisive: decisiveSchema.nullable(),
    }),
  ),
});

type Backtest = z.output<typeof backtestSchema>;

async function backtest(api: Api, name: string, options: BacktestOptions): Promise<Backtest> {
  const { since, file } = options;
  const from = instantFrom(/^\d+[smhd]$/.test(since) ? `-${since}` : since, new Date());
  const body = { from: from.toISOString(), ...(file !== undefined && (await textOf(file))) };
  return backtestSchema.parse(
    await api('POST', `/v1/triggers/${await findId(api, name)}/backtest`, body),
  );
}

/** @throws Error when it can't be read, or with everything that is wrong with it */
async function textOf(path: string): Promise<{ text: string }> {
  const [file] = await readTriggerFiles([path]);
  if (!file) throw new Error(`Cannot read "${path}"`);
  definitionOf(file);
  return { text: file.text };
}

function backtestLines(told: Backtest): string[] {
  return [
    `${told.events} events from ${told.from} to ${told.to}`,
    `  would fire   ${told.would_fire}`,
    `  fired        ${told.fired}`,
    `  both         ${told.both}`,
    `  only would   ${told.only_would}`,
    `  only did     ${told.only_did}`,
    ...(told.failures === 0 ? [] : [`  would fail   ${told.failures}`]),
    ...(told.skipped_large === 0 ? [] : [`  too large    ${told.skipped_large}, not judged`]),
    ...(told.is_cut ? ['  The earliest events were not looked at: there are too many'] : []),
    ...told.differences.flatMap(differenceLines),
  ];
}

function differenceLines(difference: Backtest['differences'][number]): string[] {
  const { event_id: id, event_type: type, received_at: at, would, did } = difference;
  const change = would ? 'would fire, did not' : `would not fire, did: ${did?.run_id ?? ''}`;
  return [
    `${id} ${type} ${at}: ${change}`,
    `  why      ${difference.why}`,
    ...(difference.decisive ? [`  because  ${decisiveText(difference.decisive)}`] : []),
  ];
}
