import type { Disposable } from 'vscode';
import type { RetagResult } from '../api.ts';
import { OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import { isTag } from '../oci/reference.ts';
import { registerCommand } from './command.ts';
import { moveLines, moves, reportWrite, tagMove, type TagMove } from './overwrite.ts';
import { briefly, withProgress } from './progress.ts';
import { askText } from './prompts.ts';
import { digestAt, isLayout, imageFor, withDigest, withTag } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.retag`: more names for one image, its manifest unchanged; a tag that would move is asked about. */
export function registerRetag(shell: Shell): Disposable {
  return registerCommand(shell, 'gantry.retag', {
    program: (options, api) => api.retag(options),
    person: async (asked) => {
      const image = await imageFor(shell, asked, 'Retag');
      if (image === undefined) return undefined;
      const tags = await askTags(image);
      return tags === undefined ? undefined : retag(shell, image, tags);
    },
  });
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

async function retag(shell: Shell, image: string, tags: readonly string[]): Promise<RetagResult | undefined> {
  const targets = tags.map((tag) => (isLayout(image) ? image : withTag(image, tag)));
  const planned = await briefly(async ({ signal }) => {
    const digest = await digestAt(shell, image, { signal });
    if (digest === undefined)
      throw new OciError('not-found', `${image} is not there. Refresh the view to see what is.`);
    const found = isLayout(image)
      ? []
      : await Promise.all(targets.map((target) => tagMove(shell, target, digest, signal)));
    return { digest, moved: found.filter(moves) };
  });
  if (!(await agree(shell, planned.moved))) return undefined;
  const options = { image: withDigest(image, planned.digest), tags, overwrite: planned.moved.length > 0 };
  const done = await withProgress(`Retagging ${image}`, (run) => shell.api().retag(options, run));
  const text = `${done.tags.join(', ')} now ${done.tags.length === 1 ? 'names' : 'name'} ${shortDigest(done.digest)}.`;
  reportWrite(shell, text, { target: targets[0] ?? image, next: done.digest }, planned.moved);
  return done;
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
