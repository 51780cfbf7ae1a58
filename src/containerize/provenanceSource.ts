import path from 'node:path';
import type { Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import type { GitSource } from './annotations.ts';
import { LocalFile } from './localFile.ts';

const maxGitFileBytes = 8 << 20;
const commitGrammar = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const maxLine = 4096;

/** The URL of the remote `origin`, else of the first one, as .git/config has it; undefined where there is none. */
export async function readGitRemote(folder: string, io: Io): Promise<string | undefined> {
  const config = await readGitFile(folder, 'config', io);
  return config === undefined ? undefined : remoteOf(config);
}

/**
 * What a folder's own `.git` says: remote, commit, and a tag of that commit. Only files of this repository are read: of work
 * trees and submodules, whose `.git` is a file that names another place, nothing is known. Whether files were changed since
 * the commit is not looked at.
 */
export async function readGitSource(folder: string, io: Io): Promise<GitSource> {
  const remote = await readGitRemote(folder, io);
  const packed = packedRefs((await readGitFile(folder, 'packed-refs', io)) ?? '');
  const commit = await readCommit(folder, packed, io);
  const tag = commit === undefined ? undefined : packed.tags.get(commit);
  return {
    ...(remote === undefined ? {} : { remote }),
    ...(commit === undefined ? {} : { commit }),
    ...(tag === undefined ? {} : { tag }),
  };
}

async function readCommit(folder: string, packed: PackedRefs, io: Io): Promise<string | undefined> {
  const head = (await readGitFile(folder, 'HEAD', io))?.trim() ?? '';
  if (commitGrammar.test(head)) return head;
  const ref = /^ref: (refs\/heads\/[\w./+@-]{1,200})$/.exec(head)?.[1];
  if (ref === undefined || ref.split('/').some((part) => part === '' || part === '..' || part === '.'))
    return undefined;
  const loose = (await readGitFile(folder, ref, io))?.trim() ?? '';
  return commitGrammar.test(loose) ? loose : packed.commits.get(ref);
}

interface PackedRefs {
  readonly commits: ReadonlyMap<string, string>;
  /** By the commit that they name; of several the last by name. */
  readonly tags: ReadonlyMap<string, string>;
}

/** `COMMIT NAME` a line; `^COMMIT` is what the annotated tag before it names. */
function packedRefs(text: string): PackedRefs {
  const commits = new Map<string, string>();
  const tags = new Map<string, string>();
  let last: string | undefined;
  for (const line of text.split('\n')) {
    const peeled = line.startsWith('^') ? line.slice(1).trim() : undefined;
    const [object = '', name = ''] = peeled === undefined ? line.trim().split(' ', 2) : [peeled, last];
    if (!commitGrammar.test(object)) continue;
    last = name;
    const tag = /^refs\/tags\/([\w.+/-]{1,100})$/.exec(name)?.[1];
    if (tag === undefined) commits.set(name, object);
    else tags.set(object, tag);
  }
  return { commits, tags };
}

/** Git's own form: `[remote "origin"]`, then `url = …`. Includes and rewritings by `insteadOf` are not followed. */
function remoteOf(config: string): string | undefined {
  const urls = new Map<string, string>();
  let section: string | undefined;
  for (const line of config.split(/\r?\n/)) {
    if (line.length > maxLine) continue;
    const head = /^\s*\[([^\]"]*)(?:"((?:[^"\\]|\\.)*)")?\]/.exec(line);
    if (head !== null) section = head[1]?.trim().toLowerCase() === 'remote' ? head[2] : undefined;
    const url = /^\s*url\s*=\s*(.*)$/i.exec(line)?.[1];
    if (section === undefined || url === undefined || urls.has(section)) continue;
    const value = unquoted(url);
    if (value !== '') urls.set(section, value);
  }
  return urls.get('origin') ?? urls.values().next().value;
}

/** Without quotes and the comment behind it. */
function unquoted(value: string): string {
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(value);
  if (quoted !== null) return (quoted[1] ?? '').replace(/\\(.)/g, '$1').trim();
  return (value.split(/\s[#;]/, 1)[0] ?? '').trim();
}

async function readGitFile(folder: string, name: string, io: Io): Promise<string | undefined> {
  let file: LocalFile;
  try {
    file = await LocalFile.open(path.join(folder, '.git', ...name.split('/')), io);
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
  try {
    if (file.size > maxGitFileBytes) return undefined;
    return new TextDecoder().decode(await file.read(0, file.size, io));
  } finally {
    await file.close();
  }
}
