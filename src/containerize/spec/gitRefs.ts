import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Io } from '../../content/store.ts';
import { type GitFolders, smallText } from './gitFiles.ts';

/** A name that leads to an object. */
export interface GitRef {
  readonly name: string;
  readonly target: string;
  /** Of an annotated tag in packed-refs: the object that it leads to. */
  readonly peeled?: string;
}

/** What is checked out. */
export interface GitHead {
  readonly commit?: string;
  readonly branch?: string;
  /** Why there is no commit. */
  readonly problem?: string;
}

const maxPackedBytes = 32 << 20;
const maxRefs = 50_000;
const maxDepth = 16;
const maxLinks = 5;
const objectId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** Reads HEAD and the branch that it names. */
export async function readHead(folders: GitFolders, io: Io): Promise<GitHead> {
  const head = (await smallText(path.join(folders.own, 'HEAD'), io))?.trim() ?? '';
  if (objectId.test(head)) return { commit: head };
  const ref = symbolic(head);
  if (ref === undefined) return { problem: 'HEAD of the git repository cannot be read' };
  if (ref === 'refs/heads/.invalid') return { problem: 'the git repository keeps its references as a table' };
  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
  const commit = await resolveRef(folders, ref, io);
  if (commit === undefined) return { ...(branch === undefined ? {} : { branch }), problem: 'nothing is committed yet' };
  return { commit, ...(branch === undefined ? {} : { branch }) };
}

async function resolveRef(folders: GitFolders, first: string, io: Io): Promise<string | undefined> {
  let ref = first;
  for (let link = 0; link < maxLinks; link += 1) {
    const own = await smallText(path.join(folders.own, ref), io);
    const text = (own ?? (await smallText(path.join(folders.common, ref), io)))?.trim();
    if (text === undefined) return (await packedRefs(folders, io)).find(({ name }) => name === ref)?.target;
    if (objectId.test(text)) return text;
    const next = symbolic(text);
    if (next === undefined) return undefined;
    ref = next;
  }
  return undefined;
}

/** Every reference below a prefix such as `refs/tags/`, each name once. */
export async function readRefs(folders: GitFolders, prefix: string, io: Io): Promise<readonly GitRef[]> {
  const found = new Map<string, GitRef>();
  for (const ref of await packedRefs(folders, io)) {
    if (ref.name.startsWith(prefix)) found.set(ref.name, ref);
  }
  const open = [{ folder: prefix.replace(/\/$/, ''), depth: 0 }];
  for (let place = open.pop(); place !== undefined && found.size < maxRefs; place = open.pop()) {
    io.signal.throwIfAborted();
    for (const entry of await listed(path.join(folders.common, place.folder))) {
      const name = `${place.folder}/${entry.name}`;
      if (entry.isDirectory() && place.depth < maxDepth) open.push({ folder: name, depth: place.depth + 1 });
      const target = entry.isFile() ? (await smallText(path.join(folders.common, name), io))?.trim() : undefined;
      if (target !== undefined && objectId.test(target)) found.set(name, { name, target });
    }
  }
  return [...found.values()];
}

async function listed(folder: string): ReturnType<typeof entriesOf> {
  return entriesOf(folder).catch(() => []);
}

function entriesOf(folder: string) {
  return readdir(folder, { withFileTypes: true });
}

/** The references that `git pack-refs` put into one file; a line with ^ says what the tag before it leads to. */
async function packedRefs({ common }: GitFolders, io: Io): Promise<readonly GitRef[]> {
  const text = await smallText(path.join(common, 'packed-refs'), io, maxPackedBytes);
  const refs: GitRef[] = [];
  for (const line of text?.split('\n') ?? []) {
    const last = refs.at(-1);
    if (line.startsWith('^') && last !== undefined) refs[refs.length - 1] = { ...last, peeled: line.slice(1).trim() };
    const [target = '', name = ''] = line.trim().split(' ');
    if (objectId.test(target) && isRefName(name) && refs.length < maxRefs) refs.push({ name, target });
  }
  return refs;
}

function symbolic(text: string): string | undefined {
  const name = /^ref: (\S+)$/.exec(text)?.[1];
  return name !== undefined && isRefName(name) ? name : undefined;
}

/** The rules of git-check-ref-format that keep a name inside the folder of references. */
function isRefName(name: string): boolean {
  return name.startsWith('refs/') && !name.includes('..') && !/[\0-\x20\x7f\\:?*[~^]/.test(name);
}
