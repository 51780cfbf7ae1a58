import path from 'node:path';
import { TaskScope, type Task, type TaskDefinition, workspace, type WorkspaceFolder } from 'vscode';
import { OciError } from '../errors.ts';
import type { Settings } from './settingValues.ts';

/** What a task of type gantry is asked to do. */
export interface TaskWork {
  /** The absolute path of the folder that paths are shown relative to. */
  readonly folder: string;
  /** As it is written in the task. */
  readonly spec: string;
  /** For `containerize`. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Members of a task that are options of `containerize`, which checks them. */
const passedOn = ['target', 'tags', 'platforms', 'args', 'build', 'dryRun'] as const;

/**
 * Reads a task's definition, its variables filled in by VS Code.
 * @throws OciError invalid-reference where it names no spec, or there is no folder for it
 */
export async function taskWork(
  definition: TaskDefinition,
  folder: WorkspaceFolder | undefined,
  settings: Settings,
): Promise<TaskWork> {
  const { spec, target }: Readonly<Record<string, unknown>> = definition;
  if (typeof spec !== 'string' || spec === '') {
    throw new OciError('invalid-reference', 'A task of type gantry needs spec: the path of a gantry.yaml.');
  }
  if (folder?.uri.scheme !== 'file') {
    throw new OciError(
      'invalid-reference',
      'A task of type gantry needs a folder that is open, on a disk of this machine.',
    );
  }
  const root = folder.uri.fsPath;
  const { referenceFrom } = await import('../containerize/spec/specChecks.ts');
  const options = passedOn
    .filter((name) => definition[name] !== undefined)
    .map((name) => [name, definition[name]] as const);
  return {
    folder: root,
    spec,
    options: {
      ...Object.fromEntries<unknown>(options),
      ...(typeof target === 'string' ? { target: referenceFrom(target, root) } : {}),
      spec: path.resolve(root, spec),
      overwrite: overwriteOf(definition, settings),
    },
  };
}

/** The folder that a task belongs to; of those for the whole workspace the first. */
export function folderOf({ scope }: Pick<Task, 'scope'>): WorkspaceFolder | undefined {
  const isFolder = typeof scope === 'object';
  return isFolder ? scope : scope === TaskScope.Global ? undefined : workspace.workspaceFolders?.[0];
}

/** A task comes with its folder: it cannot allow what the user's own settings forbid. */
function overwriteOf(definition: TaskDefinition, { overwrite }: Settings): boolean {
  if (overwrite === 'never') return false;
  return overwrite === 'always' || definition['overwrite'] === true;
}
