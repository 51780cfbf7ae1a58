import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ProjectFolder } from '../../../src/containerize/recipes/projectFolder.ts';
import type { BuildStep } from '../../../src/containerize/recipes/recipe.ts';

/** Writes files below a folder; a text that begins with `-> ` is a symbolic link. */
export function writeTree(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (content.startsWith('-> ')) fs.symlinkSync(content.slice(3), file);
    else fs.writeFileSync(file, content);
  }
}

/** A folder of the workspace with these files. */
export async function folderOf(root: string, files: Readonly<Record<string, string>>): Promise<ProjectFolder> {
  fs.mkdirSync(root, { recursive: true });
  writeTree(root, files);
  return ProjectFolder.open(root);
}

/** Runs the commands of builds one after the other, without a network. */
export function runSteps(steps: readonly BuildStep[], env: Readonly<Record<string, string>> = {}): void {
  for (const { command, args, directory, env: own } of steps) {
    const offline = { GOPROXY: 'off', GOTOOLCHAIN: 'local', CARGO_NET_OFFLINE: 'true' };
    execFileSync(command, args, {
      cwd: directory,
      env: { ...process.env, ...offline, ...env, ...own },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 180_000,
    });
  }
}
