import type { RetagResult, RunOptions } from '../api.ts';
import { isOciError, OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import { isTag } from '../oci/reference.ts';
import type { Commands } from './command.ts';
import { moveLines, moves, overwriteOf, reportWrite, tagMove, type TagMove } from './overwrite.ts';
import { briefly, withProgress } from './progress.ts';
import { askText } from './prompts.ts';
import { digestAt, imageFor, withDigest, withTag, writablePlace } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.retag`: more names for one image, its manifest unchanged; a tag that would move is asked about. */
export function retagCommands(shell: Shell): Commands {
  return {
    'gantry.retag': {
      program: (options, api) => api.retag(options),
      person: async (asked) => {
        const image = await imageFor(shell, asked, 'Retag');
        if (image === undefined) return undefined;
        writablePlace(image);
        const tags = await askTags(image);
        return tags === undefined ? undefined : retagAgreed(shell, image, tags);
      },
    },
  };
}

async function askTags(image: string): Promise<readonly string[] | undefined> {
  const text = await askText({
    title: `Retag ${image}`,
    prompt: 'New tags, separated by blanks',
    placeholder: '1.2.3 1.2 latest',
    validate: (typed) => {
      const wrong = words(typed).find((word) => !isTag(word));
      if (wrong !== undefined)
        return `${wrong} is not a tag: at most 128 letters, digits, _ . and -, not starting with . or -`;
      return words(typed).length === 0 ? 'Write at least one tag' : undefined;
    },
  });
  return typeof text === 'string' ? words(text) : undefined;
}

function words(text: string): readonly string[] {
  return [...new Set(text.split(/\s+/).filter((word) => word !== ''))];
}

/** Tags an image after the person agreed to what moves. Undefined: they did not. @throws OciError */
export async function retagAgreed(
  shell: Shell,
  image: string,
  tags: readonly string[],
): Promise<RetagResult | undefined> {
  const { digest, moves: found } = await briefly(({ signal }) => look(shell, image, tags, signal));
  const moved = found.filter(moves);
  if (!(await agree(shell, moved))) return undefined;
  const pinned = withDigest(image, digest);
  await withProgress(`Retagging ${image}`, (run) => write(shell, pinned, groupsOf(tags, found), run));
  const text = `${tags.join(', ')} now ${tags.length === 1 ? 'names' : 'name'} ${shortDigest(digest)}.`;
  reportWrite(shell, text, { target: withTag(image, tags[0] ?? 'latest'), next: digest }, moved);
  return { digest, tags };
}

/** What the image is, and what each tag names now. @throws OciError not-found */
async function look(
  shell: Shell,
  image: string,
  tags: readonly string[],
  signal: AbortSignal,
): Promise<{ readonly digest: string; readonly moves: readonly TagMove[] }> {
  const digest = await digestAt(shell, image, { signal });
  if (digest === undefined) throw new OciError('not-found', `${image} is not there. Refresh the view to see what is.`);
  return {
    digest,
    moves: await Promise.all(tags.map((tag) => tagMove(shell, withTag(image, tag), digest, signal))),
  };
}

/** Tags that may move from one and the same digest, or from none. */
interface TagGroup {
  readonly overwrite: string | boolean;
  readonly tags: readonly string[];
}

/** Those that move come first: where one of them was written by someone else meanwhile, nothing else is written either. */
function groupsOf(tags: readonly string[], found: readonly TagMove[]): readonly TagGroup[] {
  const groups = new Map<string | boolean, string[]>();
  found.forEach((move, at) => {
    const group = groups.get(overwriteOf(move)) ?? [];
    groups.set(overwriteOf(move), [...group, ...tags.slice(at, at + 1)]);
  });
  const sorted = [...groups].sort(([a], [b]) => Number(a === false) - Number(b === false));
  return sorted.map(([overwrite, grouped]) => ({ overwrite, tags: grouped }));
}

/** One call for each group, for a call moves its tags from one digest only. @throws OciError, naming what was written before it */
async function write(
  shell: Shell,
  image: string,
  groups: readonly TagGroup[],
  run: Required<RunOptions>,
): Promise<void> {
  const written: string[] = [];
  for (const { overwrite, tags } of groups) {
    try {
      await shell.api().retag({ image, tags, overwrite }, run);
    } catch (error) {
      if (written.length === 0 || !isOciError(error)) throw error;
      throw new OciError(error.code, `Only ${written.join(', ')} could be written. ${error.message}`, { cause: error });
    }
    written.push(...tags);
  }
}

async function agree(shell: Shell, moved: readonly TagMove[]): Promise<boolean> {
  if (moved.length === 0) return true;
  const detail = moved.flatMap((move) => [move.target, ...moveLines(shell, move).slice(1), '']);
  if (shell.settings().overwrite === 'always') return true;
  return shell.notify.confirm(`Move ${moved.length === 1 ? 'this tag' : `${moved.length} tags`}?`, {
    detail,
    action: 'Move',
  });
}
