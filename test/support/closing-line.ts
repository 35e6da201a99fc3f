import type { Reporter, TestModule } from 'vitest/node';
import { hasBrowser } from './browser.ts';

const noBrowser =
  'NO BROWSER: the tests of the console were skipped; apt-get install chromium lets them run';

/** Closes a run with one plain line, `N passed, N failed`, for whoever reads only the end. */
class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string): number =>
      tests.filter((test) => test.result().state === state).length;
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length;
    const skipped = count('skipped');
    const line = `${count('passed')} passed, ${count('failed') + broken} failed`;
    if (!hasBrowser) process.stdout.write(`\n${noBrowser}\n`);
    process.stdout.write(`\n${line}${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
  }
}

export default ClosingLine;
