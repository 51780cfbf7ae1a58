import type { PreflightReason } from '../../api.ts';
import { escapeText } from '../../oci/reference.ts';
import { isElf } from '../elf/elfHeader.ts';
import { parseShebang, shebangBytes, type Shebang } from '../shebang.ts';
import { mayUse, permissions } from './baseUser.ts';
import { checkElf, notPermitted } from './checkElf.ts';
import { findCommand } from './findCommand.ts';
import type { Check, Subject } from './subject.ts';

/** Linux follows so many interpreters that are scripts themselves. */
const maxDepth = 5;

/** Looks for what runs a script: the interpreter of its first line, and what that needs. */
export const checkScript: Check = async (subject, io) => checkStarted(subject, 0, io);

/** Checks a file of the base that is started: an ELF program, or a script. */
export const checkCommand: Check = async (subject, io) => checkStarted(subject, 1, io);

async function checkStarted(
  subject: Subject,
  depth: number,
  io: Parameters<Check>[1],
): Promise<readonly PreflightReason[]> {
  const head = await subject.source.read(0, shebangBytes, io);
  if (isElf(head)) return checkElf(subject, io);
  const shebang = parseShebang(head);
  if (shebang === undefined) return [bad(subject, 'Linux does not know how to start it')];
  if (depth > maxDepth) return [bad(subject, 'too many scripts are run by scripts')];
  const found = interpreterOf(subject, shebang);
  if ('code' in found) return [found];
  const reasons = await checkStarted(found, depth + 1, io);
  return reasons.length > 0 ? reasons : checkEnv(subject, shebang, found, depth, io);
}

function interpreterOf(subject: Subject, { interpreter, hasCarriageReturn }: Shebang): Subject | PreflightReason {
  const { base, user } = subject;
  const path = interpreter.startsWith('/') ? interpreter : `${base.config?.WorkingDir ?? ''}/${interpreter}`;
  if (hasCarriageReturn) return carriageReturn(subject);
  const node = base.find(path);
  if (node?.content === undefined) return noCommand(subject, interpreter, 'is not in the base');
  if (!mayUse(base, user, path, permissions.execute)) return notPermitted(path, user.uid);
  return { ...subject, source: base.source(node), path: `/${node.path}` };
}

/** `#!/usr/bin/env NAME`: what is found by PATH. */
async function checkEnv(
  subject: Subject,
  shebang: Shebang,
  env: Subject,
  depth: number,
  io: Parameters<Check>[1],
): Promise<readonly PreflightReason[]> {
  const { command, isSplitWrongly, needsSplit } = shebang;
  if (command === null) return [];
  if (isSplitWrongly) {
    const text = `Its first line makes env look for a command named ${escapeText(command)}, with the blanks.`;
    return [{ code: 'bad-shebang', effect: 'fails', text, fix: 'Write `#!/usr/bin/env -S` before the command.' }];
  }
  const found = command.startsWith('-') ? undefined : findCommand(subject, command);
  if (found === undefined) return [noCommand(subject, command, 'is in no folder of the PATH of the base')];
  const reasons = await checkStarted(found, depth + 1, io);
  if (reasons.length > 0 || !needsSplit || !env.path.endsWith('/busybox')) return reasons;
  const text = 'Its first line has `env -S`, which BusyBox knows in newer versions only.';
  return [{ code: 'bad-shebang', effect: 'unknown', text, fix: 'Write a first line without -S.' }];
}

function carriageReturn({ path }: Subject): PreflightReason {
  return {
    code: 'bad-shebang',
    effect: 'fails',
    text: `The first line of ${escapeText(path)} ends as Windows ends lines: Linux takes that for a part of the name.`,
    fix: 'Save it with LF line ends.',
  };
}

function bad({ path }: Subject, why: string): PreflightReason {
  const fix = 'Write what runs it in its first line, such as `#!/bin/sh`.';
  return { code: 'bad-shebang', effect: 'fails', text: `${escapeText(path)} is no program: ${why}.`, fix };
}

function noCommand({ path }: Subject, name: string, where: string): PreflightReason {
  const isShell = /(?:^|\/)(?:sh|bash|ash|dash|zsh)$/.test(name);
  return {
    code: 'no-command',
    effect: 'fails',
    text: `${escapeText(name)} ${where}: it runs ${escapeText(path)}.`,
    fix: isShell ? 'Choose a base with that shell: distroless bases have none.' : 'Choose a base that has it.',
  };
}
