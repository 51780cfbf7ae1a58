import type { ScriptDescription } from '../api.ts';

/** What Linux reads of a file to find its interpreter (BINPRM_BUF_SIZE). */
export const shebangBytes = 256;

/** A script as its first line says. */
export interface Shebang extends ScriptDescription {
  /** The line ends as Windows writes lines: Linux takes the carriage return for a part of the name. */
  readonly hasCarriageReturn: boolean;
  /** More than one word after `env`: without `-S` it looks for a command of that whole name. */
  readonly isSplitWrongly: boolean;
  /** `env -S`, which BusyBox does not know. */
  readonly needsSplit: boolean;
}

/** The first line of a script as Linux takes it apart (fs/binfmt_script.c); undefined where it names no interpreter. */
export function parseShebang(head: Uint8Array): Shebang | undefined {
  const read = head.subarray(0, shebangBytes);
  const end = read.findIndex((byte) => byte === 0x0a || byte === 0);
  // A byte order mark before it stays: Linux knows no such script.
  const first = new TextDecoder('utf-8', { ignoreBOM: true }).decode(end < 0 ? read : read.subarray(0, end));
  if (!first.startsWith('#!')) return undefined;
  const line = first.slice(2);
  const hasCarriageReturn = line.endsWith('\r');
  const [, interpreter, rest = ''] = /^[ \t]*([^ \t]+)[ \t]*(.*?)[ \t]*$/s.exec(line.replace(/\r$/, '')) ?? [];
  // A name that is cut off runs nothing: the line has to end, or an argument to begin, in what Linux reads.
  const isCut = end < 0 && read.length >= shebangBytes && rest === '';
  if (interpreter === undefined || isCut) return undefined;
  const env = /(?:^|\/)env$/.test(interpreter) ? envCommand(rest) : undefined;
  return {
    interpreter,
    argument: rest === '' ? null : rest,
    command: env?.command ?? null,
    hasCarriageReturn,
    isSplitWrongly: env?.isSplitWrongly ?? false,
    needsSplit: env?.needsSplit ?? false,
  };
}

type EnvCommand = Pick<Shebang, 'command' | 'isSplitWrongly' | 'needsSplit'>;

/** What `env` runs. Without -S all that follows is one word to it. */
function envCommand(argument: string): EnvCommand {
  const split = /^(?:-S|--split-string[= ]|-[iv]*S)\s*(.*)$/.exec(argument)?.[1];
  if (split === undefined) {
    const isSplitWrongly = /[ \t]/.test(argument);
    return { command: argument === '' ? null : argument, isSplitWrongly, needsSplit: false };
  }
  const words = split.split(/[ \t]+/);
  const command = words.find((word) => word !== '' && !word.startsWith('-') && !/^\w+=/.test(word));
  return { command: command ?? null, isSplitWrongly: false, needsSplit: true };
}
