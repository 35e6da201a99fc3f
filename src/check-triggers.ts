import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeEgress } from './runtime/egress.ts';
import { checkTriggerFile } from './runtime/trigger-file.ts';
import type { CheckedTriggerFile } from './runtime/trigger-file.ts';
import { isTriggerFile } from './runtime/trigger-folder.ts';
import { formatProblem } from './runtime/trigger-problems.ts';
import type { TriggerProblem } from './runtime/trigger-problems.ts';

const timeMaxMs = 1000;
const memoryMaxBytes = 200 * 1024 * 1024;

/** No more of a file's text may stand in a message. */
const quotedMax = 120;

/** What the comment lines at the head of a trigger file say must happen. */
interface Expectation {
  readonly isOk: boolean;
  /** Where the mistake may be reported; undefined = anywhere. */
  readonly lines: readonly number[] | undefined;
  /** All of them must match one message. */
  readonly says: readonly RegExp[];
}

/**
 * Check every trigger file of a folder against what its own comments expect.
 *
 * @returns 0 when all are as expected, else 1
 */
export async function checkTriggerCases(dir: string, say: (line: string) => void): Promise<number> {
  const files = (await readdir(dir)).filter(isTriggerFile).toSorted();
  let failed = 0;
  for (const file of files) {
    const fault = judgeCase(file, await readFile(join(dir, file)));
    if (fault === undefined) continue;
    failed += 1;
    say(`${file}: ${fault}`);
  }
  say(`${files.length - failed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

/** What is not as it should be; undefined when the case passes. */
function judgeCase(file: string, bytes: Buffer): string | undefined {
  const expectation = readExpectation(bytes.toString('utf8'));
  if (!expectation) return 'says not what it expects: write "# expect: ok" or "# expect: error"';
  const startedAt = process.cpuUsage(); // What else the machine does is not the file's fault.
  const before = process.memoryUsage().rss;
  const checked = checkTriggerFile(file, bytes, {
    automations: undefined, // Cases name workflows that there are not.
    refuseUrl: makeEgress([]).refuseTarget,
  });
  const { user, system } = process.cpuUsage(startedAt);
  const tookMs = (user + system) / 1000;
  const grownBytes = process.memoryUsage().rss - before;
  if (tookMs > timeMaxMs) return `took ${Math.round(tookMs)} ms of CPU, more than ${timeMaxMs}`;
  if (grownBytes > memoryMaxBytes) return `took ${grownBytes} bytes, more than ${memoryMaxBytes}`;
  return judgeAnswer(checked, expectation, bytes.toString('utf8'));
}

function readExpectation(text: string): Expectation | undefined {
  const notes = text
    .split(/\r?\n/)
    .flatMap((line) => [...(/^\uFEFF?# (expect|line|says): (.*?)\s*$/.exec(line)?.slice(1) ?? [])]);
  const all = (name: string): string[] =>
    notes.filter((_, index) => index % 2 === 1 && notes[index - 1] === name);
  const [outcome] = all('expect');
  const [lines = 'any'] = all('line');
  if (outcome !== 'ok' && outcome !== 'error') return undefined;
  return {
    isOk: outcome === 'ok',
    lines: lines === 'any' ? undefined : lines.split(/\s+/).map(Number),
    says: all('says').map((pattern) => new RegExp(pattern, 'i')),
  };
}

function judgeAnswer(
  checked: CheckedTriggerFile,
  { isOk, lines, says }: Expectation,
  text: string,
): string | undefined {
  const problems = 'problems' in checked ? checked.problems : [];
  const seen = problems.length === 0 ? 'ok' : problems.map(formatProblem).join(' | ');
  const leak = problems.flatMap((problem) => leakOf(problem, text))[0];
  if (leak !== undefined) return leak;
  if (isOk) return problems.length === 0 ? undefined : `expected ok, seen ${seen}`;
  const isMet = problems.some(
    ({ line, message }) =>
      (lines?.includes(line) ?? true) && says.every((pattern) => pattern.test(message)),
  );
  if (isMet) return undefined;
  const where = lines ? `in line ${lines.join(' or ')}` : 'in any line';
  return `expected an error ${where} that says ${says.join(' and ')}, seen ${seen}`;
}

/** A stack, a path of this machine, or much of the file's text. */
function leakOf({ message }: TriggerProblem, text: string): string[] {
  if (message.includes('\n') || message.includes(process.cwd())) {
    return ['a message shows a stack or a path of this machine'];
  }
  const pieces = Array.from({ length: Math.max(0, message.length - quotedMax) }, (_, index) =>
    message.slice(index, index + quotedMax + 1),
  );
  return pieces.some((piece) => text.includes(piece))
    ? [`a message shows more than ${quotedMax} characters of the file`]
    : [];
}
