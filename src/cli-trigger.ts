import type { Command } from 'commander';
import pc from 'picocolors';
import { readSampleEvent } from '../server/sample-event.ts';
import type { Api } from './cli-api.ts';
import { addTriggerQuestions } from './cli-trigger-questions.ts';
import { formatProblem } from './runtime/trigger-problems.ts';
import { runTriggerTests } from './runtime/trigger-tests.ts';
import { withoutControls } from './runtime/text-table.ts';
import { readTriggerFiles } from './trigger-files.ts';
import type { WorkedTriggerFile } from './trigger-files.ts';
import { writeTrigger } from './trigger-scaffold.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Add `trigger` and what can be done with one to the commands. */
export function addTrigger(program: Command, api: Api): void {
  const trigger = program.command('trigger').description('write, check and try triggers');
  trigger
    .command('new')
    .description('write a trigger, its automation and their test, ready to be run')
    .argument('<name>', 'as greet-author')
    .action(writeNew);
  trigger
    .command('validate')
    .description('say what is wrong with trigger files, and where')
    .argument('[files...]', 'all of TRIGGERS_DIR without')
    .action(validate);
  trigger
    .command('test')
    .description('run the tests that stand in trigger files')
    .argument('[files...]', 'all of TRIGGERS_DIR without')
    .action(test);
  addTriggerQuestions(trigger, api);
}

async function writeNew(name: string): Promise<void> {
  const { created, changed } = await writeTrigger(process.cwd(), name);
  for (const file of created) say(`${pc.green('wrote')}    ${file}`);
  for (const file of changed) say(`${pc.green('changed')}  ${file}`);
  const [trigger = '', automation = '', itsTest = ''] = created;
  say(
    [
      '',
      `Next: say in ${trigger} which events it is about, in ${automation} what it does, then`,
      `  npx durahook trigger test ${trigger}`,
      `  npx vitest run ${itsTest}`,
      'A platform that runs must be started again once: it has a new automation. From then on it',
      'follows the file of the trigger as you write. All of it: docs/writing-triggers.md',
    ].join('\n'),
  );
}

async function validate(named: readonly string[]): Promise<void> {
  const files = await readTriggerFiles(named);
  for (const file of files) if (!sayProblems(file)) say(`${pc.green('valid')}    ${file.file}`);
}

/** Print what is wrong with a file, and remember that something is. */
function sayProblems({ checked }: WorkedTriggerFile): boolean {
  if (!('problems' in checked)) return false;
  for (const problem of checked.problems) say(withoutControls(formatProblem(problem)));
  process.exitCode = 1;
  return true;
}

async function test(named: readonly string[]): Promise<void> {
  const files = await readTriggerFiles(named);
  for (const file of files) if (!sayProblems(file)) await testFile(file);
}

async function testFile({ file, checked }: WorkedTriggerFile): Promise<void> {
  if ('problems' in checked) return;
  const { definition, tests } = checked;
  const results = await runTriggerTests(definition, tests, readSampleEvent);
  say(`${file}${results.length === 0 ? ' has no tests' : ''}`);
  for (const { name, passed, seen } of results) {
    const word = passed ? pc.green('passed') : pc.red('failed');
    say(`  ${word}  ${withoutControls(`${name}: ${seen}`)}`);
    if (!passed) process.exitCode = 1;
  }
}
