import type { BlobCounts } from '../api.ts';
import { counted, formatBytes } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import { withProgress } from './progress.ts';
import { digestAt, registryReference, withDigest } from './references.ts';
import { repositoryChanged, type Shell } from './shell.ts';

/** What a write would do to the tag it writes. */
export interface TagMove {
  readonly target: string;
  /** What the tag names now; absent where there is no such tag. */
  readonly old?: string;
  readonly next: string;
}

/** Looks up what the target's tag names now. @throws OciError */
export async function tagMove(shell: Shell, target: string, next: string, signal: AbortSignal): Promise<TagMove> {
  const old = await digestAt(shell, target, { signal });
  return { target, next, ...(old === undefined ? {} : { old }) };
}

/** True where the tag names another image already. */
export function moves({ old, next }: TagMove): boolean {
  return old !== undefined && old !== next;
}

/** What the person agreed to: the tag may move from the digest that was shown, and from no other. */
export function overwriteOf(move: TagMove): string | false {
  return moves(move) && move.old !== undefined ? move.old : false;
}

/** How a plan is shown: a warning where a tag moves. */
export function severityOf(move: TagMove): 'plan' | 'warning' {
  return moves(move) ? 'warning' : 'plan';
}

/** Lines that say what happens to a tag. @throws OciError already-exists where the settings let no tag move */
export function moveLines(shell: Shell, move: TagMove): readonly string[] {
  if (!moves(move)) return [];
  if (shell.settings().overwrite === 'never') {
    throw new OciError(
      'already-exists',
      `${move.target} names ${shortDigest(move.old ?? '')} already, and the setting gantry.copy.overwrite lets no tag move. Choose another tag.`,
    );
  }
  return ['', 'The tag exists and will move:', `from ${shortDigest(move.old ?? '')}`, `to ${shortDigest(move.next)}`];
}

/** `27 blobs: 19 present, 6 mountable, 2 to transfer (31.4 MiB)`. */
export function planLine({ present, mounted, transferred }: BlobCounts, bytes: number): string {
  const all = counted(present + mounted + transferred, 'blob');
  return `${all}: ${present} present, ${mounted} mountable, ${transferred} to transfer (${formatBytes(bytes)})`;
}

/** `19 blobs present, 6 mounted, 2 transferred (31.4 MiB)`. */
export function doneLine({ present, mounted, transferred }: BlobCounts, bytes: number): string {
  return `${counted(present, 'blob')} present, ${mounted} mounted, ${transferred} transferred (${formatBytes(bytes)})`;
}

/** Says what was done, with Undo for tags that moved. Does not wait for the answer. */
export function reportWrite(shell: Shell, text: string, result: TagMove, moved: readonly TagMove[]): void {
  report(shell, text, result, moved).catch((error: unknown) => shell.notify.failure(error));
}

async function report(shell: Shell, text: string, result: TagMove, moved: readonly TagMove[]): Promise<void> {
  const reference = registryReference(result.target);
  if (reference !== undefined) repositoryChanged(shell, reference.registry, reference.repository);
  await shell.recent.add(result.target);
  const undo = moved.length > 0 && reference !== undefined ? (['Undo'] as const) : [];
  const pressed = await shell.notify.info(text, 'Copy Digest Reference', ...undo);
  if (pressed === 'Copy Digest Reference') await shell.copyText(withDigest(result.target, result.next));
  if (pressed === 'Undo') await undoMoves(shell, moved);
}

/** Moves tags back to what they named, each only from the digest that was written: what someone else wrote meanwhile stays. @throws OciError */
export async function undoMoves(shell: Shell, moved: readonly TagMove[]): Promise<void> {
  for (const { target, old, next } of moved) {
    const reference = registryReference(target);
    if (old === undefined || reference?.tag === undefined) continue;
    const options = { image: withDigest(target, old), tags: [reference.tag], overwrite: next };
    await withProgress(`Moving ${target} back`, (run) => shell.api().retag(options, run));
    repositoryChanged(shell, reference.registry, reference.repository);
  }
  const tags = moved.map(({ target, old = '' }) => `${target} names ${shortDigest(old)} again`);
  await shell.notify.info(`${tags.join(', ')}.`);
}
