import path from 'node:path';
import { inflate } from '../../archive/inflate.ts';
import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { fileBytes, type GitFolders } from './gitFiles.ts';

const maxFileBytes = 1 << 20;
const maxObjectBytes = 4 << 20;
const maxTagsInTags = 5;

/** When a commit was made, in seconds since 1970; undefined where it is packed or cannot be read. */
export async function readCommitTime(folders: GitFolders, commit: string, io: Io): Promise<number | undefined> {
  const object = await readLooseObject(folders, commit, io);
  const time =
    object?.kind === 'commit' ? /^committer [^\n]* (\d{1,12}) [+-]\d{4}$/m.exec(head(object.text))?.[1] : undefined;
  return time === undefined ? undefined : Number(time);
}

/** What an annotated tag leads to; undefined for what is no tag, is packed or cannot be read. */
export async function readTagTarget(folders: GitFolders, tag: string, io: Io): Promise<string | undefined> {
  let id = tag;
  for (let level = 0; level < maxTagsInTags; level += 1) {
    const object = await readLooseObject(folders, id, io);
    if (object?.kind !== 'tag') return level === 0 ? undefined : id;
    const target = /^object ([0-9a-f]{40,64})$/m.exec(head(object.text))?.[1];
    if (target === undefined) return undefined;
    id = target;
  }
  return undefined;
}

/** The lines before the message. */
function head(text: string): string {
  const end = text.indexOf('\n\n');
  return end < 0 ? text : text.slice(0, end);
}

interface GitObject {
  readonly kind: string;
  readonly text: string;
}

/** An object that has a file of its own: zlib data of `kind size NUL content`. */
async function readLooseObject({ common }: GitFolders, id: string, io: Io): Promise<GitObject | undefined> {
  const bytes = await fileBytes(path.join(common, 'objects', id.slice(0, 2), id.slice(2)), maxFileBytes, io);
  if (bytes === undefined || bytes.length < 8) return undefined;
  try {
    // Two bytes of zlib header before, four of checksum after the deflate data.
    const content = Buffer.from(await inflate(bytes.subarray(2, -4), maxObjectBytes));
    const end = content.indexOf(0);
    const kind = /^(commit|tag|tree|blob) \d+$/.exec(
      content.toString('latin1', 0, Math.max(0, Math.min(end, 32))),
    )?.[1];
    return kind === undefined ? undefined : { kind, text: content.toString('utf8', end + 1) };
  } catch (error) {
    if (isOciError(error, 'corrupt-archive', 'too-large')) return undefined;
    throw error;
  }
}
