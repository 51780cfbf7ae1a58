import type { Io } from '../../../content/store.ts';
import { isFile, isFolder, readableText } from '../folder/onDisk.ts';
import { type PlainCommand, plainCommand } from '../node/commandWords.ts';
import type { ProjectFolder } from '../projectFolder.ts';
import type { PythonProject } from './pythonProject.ts';
import { normalName } from './requirementNames.ts';
import { djangoServer, type ServerCommand, serverOf } from './webServer.ts';

/** What an image of a Python project starts. */
export type Entry =
  /** Arguments of python3. */
  | { readonly kind: 'python'; readonly args: readonly string[]; readonly env: readonly string[] }
  /** A command of an installed package. */
  | { readonly kind: 'command'; readonly words: readonly string[]; readonly env: readonly string[] }
  /** A line for a shell. */
  | { readonly kind: 'shell'; readonly line: string };

const programs = ['main.py', 'app.py', 'server.py', 'run.py', 'bot.py', 'cli.py', 'wsgi.py', 'asgi.py'];

/**
 * What starts a project: the web process of its Procfile, a script of its own, `__main__.py`, what serves
 * its web application, else a file of a usual name.
 */
export async function entryOf(project: PythonProject, script: string | undefined, io: Io): Promise<Entry | undefined> {
  const { folder, scripts } = project;
  const wanted = script === undefined ? undefined : scripts.get(script);
  if (wanted !== undefined) return python(await callOf(folder, wanted, io));
  const web = webProcess(await readableText(folder, 'Procfile', io));
  if (web !== undefined) return processEntry(web);
  const [first] = scripts.values();
  if (first !== undefined) return python(await callOf(folder, first, io));
  const module = await mainModule(project);
  if (module !== undefined) return python(['-m', module]);
  if (await isFile(folder, '__main__.py')) return python(['__main__.py']);
  const django = await djangoServer(project, io);
  if (django !== undefined) return { kind: 'python', ...django };
  for (const file of programs) if (await isFile(folder, file)) return fileEntry(project, file, io);
  const packaged = await packagedServer(project, io);
  if (packaged !== undefined) return { kind: 'python', ...packaged };
  const only = await onlyFile(folder, io);
  return only === undefined ? undefined : fileEntry(project, only, io);
}

function python(args: readonly string[] | undefined): Entry | undefined {
  return args === undefined ? undefined : { kind: 'python', args, env: [] };
}

/** A file that defines a web application and runs nothing would end at once. */
async function fileEntry(project: PythonProject, file: string, io: Io): Promise<Entry> {
  const server = await serverOf(project, file, io);
  return { kind: 'python', ...(server ?? { args: [file], env: [] }) };
}

/** The command of the process `web` in a Procfile. */
function webProcess(text: string | undefined): string | undefined {
  const line = (text ?? '')
    .slice(0, 100_000)
    .split(/\r?\n/)
    .find((one) => one.startsWith('web:'));
  const command = line?.slice('web:'.length).trim();
  return command === undefined || command === '' || command.length > 4096 ? undefined : command;
}

function processEntry(line: string): Entry {
  const command: PlainCommand | undefined = plainCommand(line);
  if (command === undefined) return { kind: 'shell', line };
  const [word = '', ...rest] = command.words;
  if (/^python(?:3(?:\.\d+)?)?$/.test(word)) return { kind: 'python', args: rest, env: command.env };
  return { kind: 'command', words: command.words, env: command.env };
}

/** Arguments of python3 that call `package.module:function`: the module itself where it is made to be run, as tracebacks name it then. */
export async function callOf(folder: ProjectFolder, target: string, io: Io): Promise<readonly string[]> {
  const [module = '', name = ''] = target.split(':', 2);
  if (name === '') return ['-m', module];
  const runs = await runnableModule(folder, module, name, io);
  return runs === undefined ? ['-c', codeFor(target)] : ['-m', runs];
}

/** What a command that pip installs does. */
export function codeFor(target: string): string {
  const [module = '', name = ''] = target.split(':', 2);
  const [first = ''] = name.split('.', 1);
  return `import sys; from ${module} import ${first}; sys.exit(${name}())`;
}

async function runnableModule(
  folder: ProjectFolder,
  module: string,
  name: string,
  io: Io,
): Promise<string | undefined> {
  if (module.endsWith('.__main__')) return module.slice(0, -'.__main__'.length);
  for (const root of ['', 'src/']) {
    const text = (await readableText(folder, `${root}${module.replaceAll('.', '/')}.py`, io)) ?? '';
    const [, guarded = ''] = /^if __name__ == ['"]__main__['"]:[ \t]*\r?\n?([^\r\n]*)/m.exec(text) ?? [];
    // Only where it does the same: not where a test or a demonstration is run.
    if (
      new RegExp(
        `^\\s*(?:sys\\.exit\\(|raise SystemExit\\(|exit\\()?${name.replaceAll('.', '\\.')}\\(\\)\\)?\\s*$`,
      ).test(guarded)
    ) {
      return module;
    }
  }
  return undefined;
}

/** The project's own package, where it has a `__main__.py`. */
async function mainModule(project: PythonProject): Promise<string | undefined> {
  const { folder } = project;
  const module = ownPackage(project);
  if (module === undefined) return undefined;
  for (const root of ['', 'src/']) if (await isFile(folder, `${root}${module}/__main__.py`)) return module;
  return undefined;
}

function ownPackage({ name }: PythonProject): string | undefined {
  const module = name === undefined ? '' : normalName(name).replaceAll('-', '_');
  return /^[a-z_]\w*$/.test(module) ? module : undefined;
}

/** The server of `app/main.py`, as many web applications are laid out. */
async function packagedServer(project: PythonProject, io: Io): Promise<ServerCommand | undefined> {
  for (const name of new Set(['app', ownPackage(project) ?? 'app'])) {
    for (const file of [`${name}/main.py`, `src/${name}/main.py`]) {
      const found = await serverOf(project, file, io);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

async function onlyFile(folder: ProjectFolder, io: Io): Promise<string | undefined> {
  const all = (await folder.list('.', io)).filter(({ name, kind }) => kind === 'file' && name.endsWith('.py'));
  const [one, other] = all.filter(({ name }) => !/^(?:setup|conftest|test_.*|noxfile|manage)\.py$/.test(name));
  return one !== undefined && other === undefined ? one.name : undefined;
}

/** The folders in the image where Python looks for modules. */
export async function modulePath(folder: ProjectFolder): Promise<string> {
  const hasSource = (await isFolder(folder, 'src')) && !(await isFile(folder, 'src/__init__.py'));
  return ['/app/site-packages', ...(hasSource ? ['/app/src'] : []), '/app'].join(':');
}
