import { mkdirSync } from 'node:fs';
import path from 'node:path';

/** The project's folder; everything the harness reads or writes is below it. */
export const root = path.join(import.meta.dirname, '../..');

/** The bundle that VS Code loads. */
export const bundle = path.join(root, 'dist/extension.cjs');

/** The sample workspace of `npm start`. */
export const sampleWorkspace = path.join(import.meta.dirname, 'sample');

/** What a run leaves behind: logs, counts, screenshots, user data. Git ignores it. */
export function outPath(...names: readonly string[]): string {
  return path.join(root, 'out', ...names);
}

/** A directory below out/, made where it is missing. */
export function outDirectory(...names: readonly string[]): string {
  const directory = outPath(...names);
  mkdirSync(directory, { recursive: true });
  return directory;
}
