import { stat } from 'node:fs/promises';
import path from 'node:path';
import { commands, ThemeIcon, Uri } from 'vscode';
import type { BinaryDescription } from '../api.ts';
import { counted } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
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
  const problem = described.length === 1 ? unfit(described[0]) : severalProblem(described);
  return problem === undefined || askAnyway(files, problem);
}

function nameOf([first = '', ...more]: readonly string[]): string {
  return more.length === 0 ? path.basename(first) : counted(more.length + 1, 'file');
}

interface Problem {
  readonly text: string;
  /** Whether it can be made into an image all the same. */
  readonly isFatal: boolean;
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

/** Why one file is no program for Linux. */
function unfit(binary: BinaryDescription | undefined): Problem | undefined {
  if (binary === undefined || (binary.kind === 'program' && binary.advice === undefined)) return undefined;
  const { file, format, summary, advice = '' } = binary;
  const isFatal = format === 'mach-o' || format === 'pe';
  return { text: `${path.basename(file)} cannot be started by Linux. ${summary} ${advice}`.trim(), isFatal };
}

/** Why files are not one program for each platform. */
function severalProblem(all: readonly BinaryDescription[]): Problem | undefined {
  const what = 'Several files become one image where they are one program, built once for each platform.';
  const taken = new Map<string, string>();
  for (const binary of all) {
    const name = path.basename(binary.file);
    if (unfit(binary) !== undefined) return { text: `${what} ${name} is no program for Linux.`, isFatal: true };
    for (const platform of binary.platforms.length === 0 ? ['every platform'] : binary.platforms) {
      const other = taken.get(platform) ?? (platform === 'every platform' ? taken.values().next().value : undefined);
      if (other !== undefined) return { text: `${what} ${other} and ${name} are both for ${platform}.`, isFatal: true };
      taken.set(platform, name);
    }
  }
  return undefined;
}

/** Offers the way that takes any files. True: they become an image all the same. */
async function askAnyway(files: readonly string[], problem: Problem): Promise<boolean> {
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
