import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The Debian package of a tool, where its name is not the tool's. */
const packages: Readonly<Record<string, string>> = { htpasswd: 'apache2-utils' };

/** The absolute path of a program on PATH; undefined where there is none. */
export function findTool(name: string): string | undefined {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, name + suffix))
    .find(isExecutable);
}

/** Skips the test, or in a `before` hook the suite's tests, where a tool is missing; their titles then say what to install. */
export function needs(context: Mocha.Context, ...tools: string[]): void {
  const missing = tools.filter((tool) => findTool(tool) === undefined);
  if (missing.length === 0) return;
  const install = missing.map((tool) => packages[tool] ?? tool).join(' ');
  const reason = ` [skipped: needs ${missing.join(', ')}: apt-get install ${install}]`;
  const runnable: Mocha.Runnable = context.runnable();
  if ('type' in runnable && runnable.type === 'hook') runnable.parent?.eachTest((test) => (test.title += reason));
  else runnable.title += reason;
  context.skip();
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
