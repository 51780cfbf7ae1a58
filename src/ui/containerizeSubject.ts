import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { ThemeIcon, type Uri, window, workspace } from 'vscode';
import type { ContainerizeOptions, ProjectSummary } from '../api.ts';
import { ProjectFolder } from '../containerize/recipes/projectFolder.ts';
import { OciError } from '../errors.ts';
import { escapeText } from '../oci/reference.ts';
import { arePrograms, isFolder } from './containerizeFiles.ts';
import { askOne, type Choice } from './prompts.ts';
import type { Shell } from './shell.ts';
import { whenSlow } from './progress.ts';
import { shortCommand } from './splitWords.ts';

/** What is made into an image, as far as options say it. */
export type SubjectOptions = Pick<
  ContainerizeOptions,
  'file' | 'folder' | 'spec' | 'dockerfile' | 'recipe' | 'project'
>;

export interface Subject {
  readonly options: SubjectOptions;
  /** A short name, for titles and for the target. */
  readonly name: string;
  /** Bases that suit it, where that is known without looking. */
  readonly bases: readonly string[];
  /** True where spec or Dockerfile say which base. */
  readonly hasBase: boolean;
  /** True where a spec says where the image goes. */
  readonly hasTarget?: boolean;
}

/** What a person may mean by the files they chose, the likeliest first: a folder may hold several projects. Empty: given up. */
export async function subjectsOf(shell: Shell, files: readonly string[]): Promise<readonly Choice<Subject>[]> {
  const [first, ...more] = files;
  if (first === undefined) return [];
  const name = path.basename(first);
  if (more.length === 0 && (await isFolder(first))) return subjectsInFolder(shell, first);
  const written = more.length === 0 ? await subjectOfWritten(first) : undefined;
  if (written !== undefined) return [{ label: name, value: written }];
  if (!(await arePrograms(shell, files))) return [];
  const options = { file: more.length === 0 ? first : files };
  return [{ label: name, value: { options, name, bases: [], hasBase: false } }];
}

/** Which of them. Undefined: given up. */
export async function chooseSubject(
  choices: readonly Choice<Subject>[],
  files: readonly string[],
): Promise<Subject | undefined> {
  if (choices.length < 2) return choices[0]?.value;
  const title = `Containerize ${path.basename(files[0] ?? '')}`;
  const chosen = await askOne(choices, { title, placeholder: 'What of this folder becomes an image?' });
  if (typeof chosen !== 'object') return undefined;
  return chosen.options.spec === undefined ? chosen : subjectOfWritten(chosen.options.spec);
}

/** The subject that a spec or Dockerfile is; undefined for any other file. @throws SpecError for a spec that is wrong */
async function subjectOfWritten(file: string): Promise<Subject | undefined> {
  const options = writtenOptions(path.basename(file), file);
  if (options === undefined) return undefined;
  const subject = { options, name: path.basename(path.dirname(file)), bases: [], hasBase: true };
  return (await namesTarget(options)) ? { ...subject, hasTarget: true } : subject;
}

function writtenOptions(name: string, file: string): SubjectOptions | undefined {
  if (/^(?:.*\.)?gantry\.ya?ml$|^jib\.ya?ml$|^\.ko\.ya?ml$/.test(name)) return { spec: file };
  if (/\.dockerignore$/i.test(name)) return undefined;
  if (/^(?:.*\.)?dockerfile$|^dockerfile\..*$|^containerfile$/i.test(name)) return { dockerfile: file };
  return undefined;
}

/** Whether a gantry.yaml says where its image goes. */
async function namesTarget({ spec }: SubjectOptions): Promise<boolean> {
  if (spec === undefined || !/gantry\.ya?ml$/.test(spec)) return false;
  const { maxSpecLength, readSpec } = await import('../containerize/spec/gantrySpec.ts');
  const { parseYaml } = await import('../containerize/spec/yamlDocument.ts');
  const folder = await ProjectFolder.open(path.dirname(spec));
  const text = await folder.text(path.basename(spec), { signal: AbortSignal.timeout(60_000) });
  return text !== undefined && readSpec(parseYaml(text, spec, { maxLength: maxSpecLength })).target !== undefined;
}

async function subjectsInFolder(shell: Shell, folder: string): Promise<readonly Choice<Subject>[]> {
  // It says why a folder cannot be read.
  const projects = await whenSlow(`Looking at ${folder}`, (run) => shell.api().detectProjects({ folder }, run));
  const names = (await readdir(folder)).sort();
  if (names.length === 0) {
    throw new OciError('not-found', `${escapeText(folder)} is empty: there is nothing to put into an image.`);
  }
  return [...writtenIn(folder, names), ...projects.map((project) => projectChoice(folder, project, projects))];
}

function projectChoice(
  folder: string,
  { recipe, id, title, bases, builds }: ProjectSummary,
  all: readonly ProjectSummary[],
): Choice<Subject> {
  const commands = builds.map(({ command }) => shortCommand(command)).join(' && ');
  const options = { folder, recipe, project: id };
  // Several programs of one folder become several images.
  const isOne = all.filter((one) => one.recipe === recipe).length === 1;
  const own = path.posix.basename(id);
  const name = isOne || !/^\w[\w.-]*$/.test(own) ? path.basename(folder) : own;
  const detail = commands === '' ? 'nothing to build' : `builds: ${commands}`;
  return { label: title, detail, value: { options, name, bases, hasBase: false } };
}

/** The specs and Dockerfiles of a folder. */
function writtenIn(folder: string, names: readonly string[]): readonly Choice<Subject>[] {
  return names.flatMap((label) => {
    const options = writtenOptions(label, path.join(folder, label));
    if (options === undefined) return [];
    const detail =
      options.spec === undefined ? 'its final stage, without running anything' : 'what this spec describes';
    return [{ label, detail, value: { options, name: path.basename(folder), bases: [], hasBase: true } }];
  });
}

/** The paths of chosen files. @throws OciError invalid-reference for what is not on this machine's disk */
export function pathOf(file: Uri): string {
  if (file.scheme === 'file') return file.fsPath;
  throw new OciError('invalid-reference', `Only files on disk can go into an image, not ${file.scheme}: addresses.`);
}

/** Asks for what to containerize: the workspace's folders, or anything on disk. */
export async function askFiles(): Promise<readonly string[]> {
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
  const choices: Choice<string>[] = folders.map(({ name, uri }) => ({
    label: name,
    description: uri.fsPath,
    iconPath: new ThemeIcon('folder'),
    value: uri.fsPath,
  }));
  const active = window.activeTextEditor?.document.uri;
  if (active?.scheme === 'file' && writtenOptions(path.basename(active.fsPath), active.fsPath) !== undefined) {
    const label = path.basename(active.fsPath);
    choices.unshift({ label, description: active.fsPath, iconPath: new ThemeIcon('file'), value: active.fsPath });
  }
  const search = new ThemeIcon('search');
  choices.push({ label: 'A Program…', description: 'a file on disk', iconPath: search, value: '' });
  const placeholder = 'What becomes an image?';
  const chosen = choices.length === 1 ? '' : await askOne(choices, { title: 'Containerize', placeholder });
  if (typeof chosen !== 'string') return [];
  if (chosen !== '') return [chosen];
  const picked = await window.showOpenDialog({ title: 'Containerize', canSelectMany: true, openLabel: 'Containerize' });
  return (picked ?? []).map(pathOf);
}
