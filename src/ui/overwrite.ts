import { stat } from 'node:fs/promises';
import type { BlobCounts } from '../api.ts';
import { isArchive, isLocal, type Place, placeOf } from '../browse/places.ts';
import { counted, formatBytes } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import { withProgress } from './progress.ts';
import { digestAt, withDigest, withTag } from './references.ts';
import { placeChanged, revealArchive, type Shell } from './shell.ts';

/** What a write would do to the tag it writes, or to the archive. */
export interface TagMove {
  readonly target: string;
  /** What the tag names now; absent where there is no such tag. */
  readonly old?: string;
  readonly next: string;
  /** True where a file is there, and is written anew as a whole. */
  readonly replaces?: true;
}

/** Looks up what the target's tag names now. @throws OciError */
export async function tagMove(shell: Shell, target: string, next: string, signal: AbortSignal): Promise<TagMove> {
  const place = placeOf(target);
  if (isArchive(place)) return fileMove(shell, target, next, signal);
  // A layout is written to under this tag where the target names none.
  const isNamed = place.tag !== undefined || place.digest !== undefined;
  const old = await digestAt(shell, isNamed ? target : withTag(target, 'latest'), { signal });
  return { target, next, ...(old === undefined ? {} : { old }) };
}

async function fileMove(shell: Shell, target: string, next: string, signal: AbortSignal): Promise<TagMove> {
  if (!(await isThere(placeOf(target).repository))) return { target, next };
  try {
    const old = await digestAt(shell, target, { signal });
    return { target, next, replaces: true, ...(old === undefined ? {} : { old }) };
  } catch (error) {
    signal.throwIfAborted();
    // Whatever the file is, the plan says that it is replaced.
    if (error instanceof OciError) return { target, next, replaces: true };
    throw error;
  }
}

/** True where the tag names another image already, or the file is there. */
export function moves({ old, next, replaces }: TagMove): boolean {
  return replaces === true || (old !== undefined && old !== next);
}

/** What the person agreed to: the tag may move from the digest that was shown, and from no other. */
export function overwriteOf(move: TagMove): string | boolean {
  return moves(move) && (move.old ?? true);
}

/** How a plan is shown: a warning where something that is there is lost. */
export function severityOf(move: TagMove): 'plan' | 'warning' {
  return moves(move) ? 'warning' : 'plan';
}

/** What the button says that does it. */
export function actionOf(move: TagMove, verb: string): string {
  if (!moves(move)) return verb;
  return move.replaces === true ? `${verb} and Replace the File` : `${verb} and Move the Tag`;
}

/** Lines that say what is lost. @throws OciError already-exists where the settings let nothing be overwritten */
export function moveLines(shell: Shell, move: TagMove): readonly string[] {
  if (!moves(move)) return [];
  const { target, old, next, replaces } = move;
  if (shell.settings().overwrite === 'never') {
    const what = replaces === true ? 'is there already' : `names ${shortDigest(old ?? '')} already`;
    throw new OciError(
      'already-exists',
      `${target} ${what}, and the setting gantry.copy.overwrite lets nothing be overwritten. Choose another ${replaces === true ? 'file' : 'tag'}.`,
    );
  }
  if (replaces === true) return ['', `The file is there and will be replaced: ${placeOf(target).repository}`];
  return ['', 'The tag exists and will move:', `from ${shortDigest(old ?? '')}`, `to ${shortDigest(next)}`];
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
  const place = placeOf(result.target);
  await shell.recent.add(result.target);
  if (isLocal(place)) {
    await reportLocal(shell, text, place, result);
    return;
  }
  placeChanged(shell, place);
  const undo = moved.length > 0 ? (['Undo'] as const) : [];
  const pressed = await shell.notify.info(text, 'Copy Digest Reference', ...undo);
  if (pressed === 'Copy Digest Reference') await shell.copyText(withDigest(result.target, result.next));
  if (pressed === 'Undo') await undoMoves(shell, moved);
}

/** What was written to this machine is shown among the archives. */
async function reportLocal(shell: Shell, text: string, place: Place, { target }: TagMove): Promise<void> {
  shell.browser.changed(place);
  await shell.keep(place);
  const pressed = await shell.notify.info(text, 'Reveal', 'Copy Reference');
  if (pressed === 'Copy Reference') await shell.copyText(target);
  if (pressed === 'Reveal') await revealArchive(shell, place);
}

/** Moves tags back to what they named, each only from the digest that was written: what someone else wrote meanwhile stays. @throws OciError */
export async function undoMoves(shell: Shell, moved: readonly TagMove[]): Promise<void> {
  for (const { target, old, next } of moved) {
    const place = placeOf(target);
    if (old === undefined || place.tag === undefined) continue;
    const options = { image: withDigest(target, old), tags: [place.tag], overwrite: next };
    await withProgress(`Moving ${target} back`, (run) => shell.api().retag(options, run));
    placeChanged(shell, place);
  }
  const tags = moved.map(({ target, old = '' }) => `${target} names ${shortDigest(old)} again`);
  await shell.notify.info(`${tags.join(', ')}.`);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
