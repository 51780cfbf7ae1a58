import { stat } from 'node:fs/promises';
import path from 'node:path';
import { commands, ThemeIcon, Uri } from 'vscode';
import type { BinaryDescription } from '../api.ts';
import { counted } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { type FilesProblem, problemOf } from './containerizeProblems.ts';
import { whenSlow } from './progress.ts';
import { askOne, type Choice } from './prompts.ts';
import type { Shell } from './shell.ts';

/**
 * Whether files are to become one image: a program, or one program for each platform. What is none is asked about, for any
 * file can be put into an image as it is. False: given up, or done another way. @throws OciError
 */
export async function arePrograms(shell: Shell, files: readonly string[]): Promise<boolean> {
  await assertNoFolder(files);
  const described = await whenSlow(`Looking at ${nameOf(files)}`, async (run) => {
    const all: BinaryDescription[] = [];
    for (const file of files) all.push(await shell.api().describeBinary({ file }, run));
    return all;
  });
  const problem = problemOf(described);
  return problem === undefined || askAnyway(files, problem);
}

function nameOf([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? path.basename(first) : counted(more.length + 1, 'file');
}

async function assertNoFolder(files: readonly string[]): Promise<void> {
  if (files.length === 1) return;
  for (const file of files) {
    if (!(await isFolder(file))) continue;
    throw new OciError(
      'invalid-reference',
      `${escapeText(path.basename(file))} is a folder, and ${files.length} things are selected. Containerize one folder, or one program for each platform.`,
    );
  }
}

/** False too for what is not there, or may not be looked at. */
export async function isFolder(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Offers the way that takes any files. True: they become an image all the same. */
async function askAnyway(files: readonly string[], problem: FilesProblem): Promise<boolean> {
  const append: Choice<'append' | 'anyway'> = {
    label: 'Append Layer…',
    description:
      files.length === 1 ? 'puts the file into an image as it is' : 'puts the files into an image as they are',
    iconPath: new ThemeIcon('add'),
    value: 'append',
  };
  const anyway: Choice<'append' | 'anyway'> = {
    label: 'Containerize All the Same…',
    description: 'makes an image that starts it nevertheless',
    iconPath: new ThemeIcon('package'),
    value: 'anyway',
  };
  const answer = await askOne(problem.isFatal ? [append] : [append, anyway], {
    title: `Containerize ${nameOf(files)}`,
    prompt: problem.text,
  });
  const [first, ...more] = files.map((file) => Uri.file(file));
  if (answer === 'append') await commands.executeCommand('gantry.appendLayer', first, [first, ...more]);
  return answer === 'anyway';
}
