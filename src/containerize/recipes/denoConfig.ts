import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { isObject, type JsonObject, parseJson } from '../../oci/json.ts';
import { plainJson } from '../plainJson.ts';
import { firstThere, type SourceCommand, sourceCommand } from './denoCommand.ts';
import type { ProjectFolder } from './projectFolder.ts';

const maxTasks = 200;
/** The tasks that start a program are called so, the likeliest first. */
const starting = ['start', 'prod', 'production', 'serve', 'run', 'main', 'dev'];
const usual = ['main.ts', 'src/main.ts', 'main.js', 'src/main.js', 'server.ts', 'src/server.ts', 'mod.ts', 'index.ts'];

/** The program of a Deno project. */
export interface DenoProgram {
  readonly config: JsonObject;
  /** The file that it begins with, relative, with `/`. */
  readonly entry: string;
  /** Of `deno compile`: permissions above all, which are built into a program. */
  readonly flags: readonly string[];
  /** `deno serve` starts it. */
  readonly isServed: boolean;
}

/** What is to be compiled of a folder with a deno.json; undefined where it names no program. */
export async function denoProgram(folder: ProjectFolder, io: Io): Promise<DenoProgram | undefined> {
  const config = await readConfig(folder, io);
  if (config === undefined) return undefined;
  for (const { before, entry } of commandsOf(config)) {
    const found = await firstThere(folder, [entry], io);
    if (found !== undefined) return { config, entry: found, flags: flagsOf(before), isServed: before[0] === 'serve' };
  }
  const entry = await firstThere(folder, [...exportsOf(config), ...usual], io);
  return entry === undefined ? undefined : { config, entry, flags: [], isServed: false };
}

async function readConfig(folder: ProjectFolder, io: Io): Promise<JsonObject | undefined> {
  for (const name of ['deno.json', 'deno.jsonc']) {
    const text = await folder.text(name, io);
    if (text === undefined) continue;
    try {
      const value = parseJson(Buffer.from(plainJson(text)), name, 'invalid-spec');
      return isObject(value) ? value : undefined;
    } catch (error) {
      if (isOciError(error)) return undefined;
      throw error;
    }
  }
  return undefined;
}

/** Commands that compile a program, then those that run one. */
function commandsOf({ tasks }: JsonObject): readonly SourceCommand[] {
  if (!isObject(tasks)) return [];
  const texts = new Map(
    Object.entries(tasks)
      .slice(0, maxTasks)
      .map(([name, task]) => [name, isObject(task) ? task['command'] : task]),
  );
  const commands = (values: readonly unknown[]): readonly SourceCommand[] =>
    values.flatMap((text) => (typeof text === 'string' ? (sourceCommand(text, 'deno') ?? []) : []));
  const compiling = commands([...texts.values()]).filter(({ before }) => before[0] === 'compile');
  const running = commands(starting.map((name) => texts.get(name)));
  return [
    ...compiling,
    ...running.filter(({ before: [word] }) => word === undefined || /^(?:run$|serve$|-)/.test(word)),
  ];
}

/** Letters may stand together: `-NR`. */
const permission = /^(?:--(?:allow|deny|ignore|unstable)(?:-|=|$)|--permission-set(?:=|$)|-[ARWNESIP]+(?:=|$))/;

/** Those of `compile` but for target and output; of `run` those that decide what a program may do. */
function flagsOf([command, ...words]: readonly string[]): readonly string[] {
  if (command !== 'compile') {
    const all = command?.startsWith('-') === true ? [command, ...words] : words;
    const allowed = all.filter((flag) => permission.test(flag));
    const mayListen = command !== 'serve' || allowed.some((flag) => /^(?:--allow-(?:all|net)|-\w*[AN])/.test(flag));
    return mayListen ? allowed : ['--allow-net', ...allowed];
  }
  const flags: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '-o' || word === '--output' || word === '--target') at += 1;
    else if (!/^(?:--(?:output|target)=|-o)/.test(word)) flags.push(word);
  }
  return flags;
}

function exportsOf({ exports }: JsonObject): readonly string[] {
  const main: unknown = isObject(exports) && Object.hasOwn(exports, '.') ? exports['.'] : exports;
  return typeof main === 'string' ? [main] : [];
}
