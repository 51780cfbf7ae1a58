import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { type Uri, window, workspace } from 'vscode';
import type { ContainerizeOptions } from '../api.ts';
import { OciError } from '../errors.ts';
import { askOne, type Choice } from './prompts.ts';
import type { Shell } from './shell.ts';
import { whenSlow } from './progress.ts';

/** What is made into an image, as far as options say it. */
export type SubjectOptions = Pick<
  ContainerizeOptions,
  'file' | 'folder' | 'spec' | 'dockerfile' | 'recipe' | 'project' | 'base'
>;

export interface Subject {
  readonly options: SubjectOptions;
  /** A short name, for titles and for the target. */
  readonly name: string;
  /** Bases that suit it, where that is known without looking. */
  readonly bases: readonly string[];
  /** True where spec or Dockerfile say which base. */
  readonly hasBase: boolean;
}

/** What a person meant by the files they chose; a folder with several projects is asked about. Undefined: given up. */
export async function subjectOf(shell: Shell, files: readonly string[]): Promise<Subject | undefined> {
  const [first, ...more] = files;
  if (first === undefined) return undefined;
  const name = path.basename(first);
  if (more.length > 0) return { options: { file: files }, name, bases: [], hasBase: false };
  if ((await stat(first)).isDirectory()) return subjectInFolder(shell, first);
  return subjectOfFile(first, name);
}

function subjectOfFile(file: string, name: string): Subject {
  const project = path.basename(path.dirname(file));
  if (/^(?:.*\.)?gantry\.ya?ml$|^jib\.ya?ml$|^\.ko\.ya?ml$/.test(name)) {
    return { options: { spec: file }, name: project, bases: [], hasBase: true };
  }
  if (/^(?:.*\.)?dockerfile$|^dockerfile\..*$|^containerfile$/i.test(name) && !name.endsWith('.dockerignore')) {
    return { options: { dockerfile: file }, name: project, bases: [], hasBase: true };
  }
  return { options: { file }, name, bases: [], hasBase: false };
}

async function subjectInFolder(shell: Shell, folder: string): Promise<Subject | undefined> {
  const projects = await whenSlow(`Looking at ${folder}`, (run) => shell.api().detectProjects({ folder }, run));
  const name = path.basename(folder);
  const found = projects.map(({ recipe, id, title, bases, builds }): Choice<Subject> => {
    const detail = builds.map(({ command }) => command).join(' && ') || 'nothing to build';
    const options = { folder, recipe, project: id };
    return { label: title, description: recipe, detail, value: { options, name, bases, hasBase: false } };
  });
  const written = await writtenIn(folder);
  const choices = [...written, ...found];
  const [only] = choices;
  if (choices.length < 2) return only?.value;
  const chosen = await askOne(choices, { title: `Containerize ${name}`, placeholder: 'What of the folder?' });
  return typeof chosen === 'object' ? chosen : undefined;
}

/** The specs and Dockerfiles of a folder. */
async function writtenIn(folder: string): Promise<readonly Choice<Subject>[]> {
  const names = (await readdir(folder)).sort();
  return names.flatMap((name) => {
    const value = subjectOfFile(path.join(folder, name), name);
    if (value.options.file !== undefined) return [];
    const description = value.options.spec === undefined ? 'the final stage' : 'a spec';
    return [{ label: name, description, value }];
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
    label: `$(folder) ${name}`,
    description: uri.fsPath,
    value: uri.fsPath,
  }));
  const active = window.activeTextEditor?.document.uri;
  if (active?.scheme === 'file' && subjectOfFile(active.fsPath, path.basename(active.fsPath)).hasBase) {
    const label = `$(file) ${path.basename(active.fsPath)}`;
    choices.unshift({ label, description: active.fsPath, value: active.fsPath });
  }
  choices.push({ label: '$(search) A program…', description: 'a file on disk', value: '' });
  const chosen = choices.length === 1 ? '' : await askOne(choices, { title: 'Containerize', placeholder: 'What?' });
  if (typeof chosen !== 'string') return [];
  if (chosen !== '') return [chosen];
  const picked = await window.showOpenDialog({ title: 'Containerize', canSelectMany: true, openLabel: 'Containerize' });
  return (picked ?? []).map(pathOf);
}
