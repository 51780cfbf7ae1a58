import { access, constants } from 'node:fs/promises';
import type { ProjectFolder } from '../projectFolder.ts';

/** What starts a build tool. */
interface ToolCommand {
  /** For titles: `mvnw`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** The wrapper of a project, else the tool that is installed. @param wrapper `unix` and `windows`: names of files of the project */
export async function toolCommand(
  folder: ProjectFolder,
  tool: string,
  wrapper: { readonly unix: string; readonly windows: string },
): Promise<ToolCommand> {
  const name = process.platform === 'win32' ? wrapper.windows : wrapper.unix;
  if (!(await folder.has(name))) return { name: tool, command: tool, args: [] };
  const file = folder.path(name);
  // A checkout made by Windows, or out of a ZIP archive, has lost the permission; both wrappers are scripts for sh.
  if (process.platform === 'win32' || (await isRunnable(file))) return { name, command: file, args: [] };
  return { name, command: 'sh', args: [file] };
}

async function isRunnable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
