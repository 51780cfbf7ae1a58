import { appendFileSync } from 'node:fs';
import { format } from 'node:util';
import Mocha from 'mocha';
import CountingReporter from '../harness/reporter.ts';

/**
 * Runs mocha inside VS Code's extension host. `load` defines the tests; an unhandled rejection anywhere fails the run. What
 * mocha prints goes to the file that REPORT_FILE names: a window's console is shared with VS Code itself.
 * @throws Error where a test failed: VS Code then ends with exit code 1
 */
export async function runInHost(load: () => void): Promise<void> {
  const lost: unknown[] = [];
  const onLost = (reason: unknown): void => void lost.push(reason);
  const report = process.env['REPORT_FILE'];
  const print = (...words: readonly unknown[]): void => {
    if (report === undefined) console.log(...words);
    else appendFileSync(report, `${format(...words)}\n`);
  };
  const mocha = new Mocha({ ui: 'bdd', timeout: 20_000, reporter: CountingReporter, color: false, forbidOnly: true });
  mocha.suite.emit(Mocha.Suite.constants.EVENT_FILE_PRE_REQUIRE, globalThis, 'host', mocha);
  load();
  mocha.suite.afterEach(() => {
    const reason = lost.shift();
    if (reason !== undefined) throw new Error('unhandled rejection', { cause: reason });
  });
  process.on('unhandledRejection', onLost);
  Mocha.reporters.Base.consoleLog = print;
  try {
    const failures = await new Promise<number>((resolve) => mocha.run(resolve));
    if (failures > 0) throw new Error(`${failures} tests failed inside VS Code`);
  } finally {
    process.off('unhandledRejection', onLost);
  }
}
