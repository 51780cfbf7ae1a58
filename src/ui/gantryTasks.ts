import {
  type CancellationToken,
  CustomExecution,
  type Disposable,
  Task,
  type TaskDefinition,
  TaskGroup,
  type TaskProvider,
  tasks,
  TaskScope,
  type Uri,
  workspace,
  type WorkspaceFolder,
} from 'vscode';
import { visibleText } from '../browse/text.ts';
import type { Shell } from './shell.ts';
import { maxSpecs, specGlob } from './specFiles.ts';
import { folderOf, taskWork } from './taskDefinition.ts';
import { TaskTerminal } from './taskTerminal.ts';

const type = 'gantry';

/** Tasks that make the images of specs: one for each gantry.yaml of the workspace, and those of tasks.json. */
export function registerGantryTasks(shell: Shell): Disposable {
  const provider: TaskProvider = {
    provideTasks: async (token) => foundTasks(shell, token),
    resolveTask: (task) => {
      const { definition } = task;
      return typeof definition['spec'] === 'string' ? taskOf(shell, definition, folderOf(task)) : undefined;
    },
  };
  return tasks.registerTaskProvider(type, provider);
}

async function foundTasks(shell: Shell, token: CancellationToken): Promise<Task[]> {
  const found = await workspace.findFiles(specGlob, '**/node_modules/**', maxSpecs, token);
  const specs = found.filter(({ scheme }) => scheme === 'file').sort((a, b) => (a.path < b.path ? -1 : 1));
  return specs.flatMap((uri) => {
    const folder = workspace.getWorkspaceFolder(uri);
    return folder === undefined ? [] : [taskOf(shell, { type, spec: pathIn(folder, uri) }, folder)];
  });
}

function pathIn(folder: WorkspaceFolder, uri: Uri): string {
  return uri.path.slice(folder.uri.path.replace(/\/$/, '').length + 1);
}

function taskOf(shell: Shell, definition: TaskDefinition, folder: WorkspaceFolder | undefined): Task {
  const execution = new CustomExecution(
    async (resolved) => new TaskTerminal(shell, () => taskWork(resolved, folder, shell.settings())),
  );
  const name = visibleText(String(definition['spec']));
  const task = new Task(definition, folder ?? TaskScope.Workspace, name, type, execution, ['$gantry']);
  task.group = TaskGroup.Build;
  task.detail = 'Makes the image that the spec describes';
  return task;
}
