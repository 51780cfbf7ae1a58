import { commands, type Disposable, Uri } from 'vscode';
import { messageText } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import type { JsonObject } from '../oci/json.ts';
import { type Invocation, invocationOf } from './invocation.ts';
import type { ProgramApi } from './deps.ts';
import type { Shell } from './shell.ts';

/** How a person ran a command: on nodes, on files, or with nothing. */
export type Asked = Exclude<Invocation<Uri>, { readonly kind: 'program' }>;

export interface Command<Result> {
  /** Asks nothing, shows nothing, rejects with the error as it is. Absent: options are an error. */
  readonly program?: (options: JsonObject, api: ProgramApi) => Promise<Result>;
  /** Asks for what is missing. Undefined: the person gave up. */
  readonly person: (asked: Asked) => Promise<Result | undefined>;
}

/** Registers a command that works from a menu, from the palette and from a program with one object of options. */
export function registerCommand<Result>(shell: Shell, id: string, command: Command<Result>): Disposable {
  return commands.registerCommand(id, async (...args: readonly unknown[]) => {
    const isNode = shell.browser.isNode.bind(shell.browser);
    const isFile = (value: unknown): value is Uri => value instanceof Uri;
    const invocation = invocationOf<Uri>(args, { isNode, isFile, selection: shell.selection });
    if (invocation.kind === 'program') return runProgram(shell, id, command, invocation.options);
    try {
      return await command.person(invocation);
    } catch (error) {
      await shell.notify.failure(error, registryOf(invocation));
      return undefined;
    }
  });
}

async function runProgram<Result>(
  shell: Shell,
  id: string,
  command: Command<Result>,
  options: JsonObject,
): Promise<Result> {
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
