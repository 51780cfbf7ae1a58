import { commands, type Disposable, Uri } from 'vscode';
import { messageText } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import type { JsonObject } from '../oci/json.ts';
import { type Invocation, invocationOf } from './invocation.ts';
import type { ProgramApi } from './deps.ts';
import type { Shell } from './shell.ts';

/** How a person ran a command: on nodes, on files, or with nothing. */
export type Asked = Exclude<Invocation<Uri>, { readonly kind: 'program' }>;

/** What runs from a menu, from the palette and from a program with one object of options. */
export interface Command {
  /** Asks nothing, shows nothing, rejects with the error as it is. Absent: options are an error. */
  readonly program?: (options: JsonObject, api: ProgramApi) => Promise<unknown>;
  /** Asks for what is missing. Undefined: the person gave up. */
  readonly person: (asked: Asked) => Promise<unknown>;
}

/** What runs when a row of a view is opened that shows no images. */
export interface RowCommand {
  /** `row` is what anybody passed. */
  readonly row: (row: unknown) => Promise<void>;
}

/** By their names in package.json. */
export type Commands = Readonly<Record<string, Command | RowCommand>>;

/** Registers commands that are loaded together when the first of them is run. */
export function registerCommands(
  shell: Shell,
  ids: readonly string[],
  load: () => Promise<Commands>,
): readonly Disposable[] {
  let loaded: Promise<Commands> | undefined;
  return ids.map((id) =>
    commands.registerCommand(id, async (...args: readonly unknown[]) => {
      // What is selected now is meant, and not what is when the commands are loaded.
      const invocation = readInvocation(shell, args);
      const command = (await (loaded ??= load()))[id];
      if (command === undefined) throw new Error(`${id} is in package.json and nowhere else`);
      return 'row' in command ? runRow(shell, command, args) : run(shell, id, command, await invocation);
    }),
  );
}

function readInvocation(shell: Shell, args: readonly unknown[]): Promise<Invocation<Uri>> {
  const isNode = shell.browser.isNode.bind(shell.browser);
  const isFile = (value: unknown): value is Uri => value instanceof Uri;
  return invocationOf<Uri>(args, { isNode, isFile, selection: shell.selection });
}

async function run(shell: Shell, id: string, command: Command, invocation: Invocation<Uri>): Promise<unknown> {
  if (invocation.kind === 'program') return runProgram(shell, id, command, invocation.options);
  try {
    return await command.person(invocation);
  } catch (error) {
    await shell.notify.failure(error, registryOf(invocation));
    return undefined;
  }
}

async function runRow(shell: Shell, { row }: RowCommand, [value]: readonly unknown[]): Promise<void> {
  await row(value).catch((error: unknown) => shell.notify.failure(error));
}

async function runProgram(shell: Shell, id: string, command: Command, options: JsonObject): Promise<unknown> {
  if (command.program === undefined) throw new OciError('invalid-reference', `${id} takes no options.`);
  try {
    return await command.program(options, shell.api());
  } catch (error) {
    // A keybinding with options is a program too, and the workbench shows its error with links made of [text](command:…).
    if (!(error instanceof OciError) || !/\]\(/.test(error.message)) throw error;
    throw new OciError(error.code, messageText(error.message), { cause: error });
  }
}

function registryOf(asked: Asked): string | undefined {
  return asked.kind === 'nodes' ? asked.nodes[0].registry : undefined;
}
