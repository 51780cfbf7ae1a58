import path from 'node:path';
import type { Io } from '../content/store.ts';
import { pathBelow } from './pathBelow.ts';
import { findGit } from './spec/gitFacts.ts';
import { type GitFolders, smallText } from './spec/gitFiles.ts';

const maxConfigBytes = 1 << 20;
const maxLine = 4096;

/**
 * The URL of the remote `origin`, else of the first one, as the config of the git repository that a folder is in has it;
 * undefined where there is none.
 * @param folder a real absolute path
 */
export async function readGitRemote(folder: string, io: Io): Promise<string | undefined> {
  const git = await findGit(folder, io);
  if (git === undefined || !(await isOf(folder, git, io))) return undefined;
  const config = await smallText(path.join(git.common, 'config'), io, maxConfigBytes);
  return config === undefined ? undefined : remoteOf(config);
}

/** False where a file `.git` only says that it belongs to a repository, which may be somebody's private one. */
async function isOf(folder: string, { own, common }: GitFolders, io: Io): Promise<boolean> {
  let top = common;
  while (path.basename(top) !== '.git' && path.dirname(top) !== top) top = path.dirname(top);
  if (path.basename(top) === '.git' && pathBelow(path.dirname(top), folder) !== undefined) return true;
  const back = await smallText(path.join(own, 'gitdir'), io);
  return back !== undefined && pathBelow(path.dirname(path.resolve(own, back.trim())), folder) !== undefined;
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
