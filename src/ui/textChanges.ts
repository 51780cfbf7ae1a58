import { commands, type Uri, workspace } from 'vscode';
import type { CompareImagesResult, ComparedFile, RunOptions } from '../api.ts';
import { contentChanges } from '../browse/comparison.ts';
import { counted, visibleText } from '../browse/text.ts';
import { isProbablyText } from '../operations/textContent.ts';
import { comparedUri } from './comparedTexts.ts';
import { imageFileUri, type NamedImage } from './imageUris.ts';
import { withProgress } from './progress.ts';
import type { Shell } from './shell.ts';

/** Most files in one multi-file diff: an editor with more is of no use. */
const maxChanges = 300;
/** Most files that are looked at, and the largest, in bytes, that is. */
const maxLooked = 2000;
const maxTextBytes = 1 << 20;
const headBytes = 8 << 10;

/** Opens the text files that differ in one editor; says how many are left out. */
export async function openTextChanges(shell: Shell, result: CompareImagesResult): Promise<void> {
  const pairs = filePairs(result);
  const texts = await withProgress('Looking for text files', (run) => textPairs(pairs.slice(0, maxLooked), run));
  if (texts.length === 0) {
    void shell.notify.info('No text file differs. Files that are not text are listed in the view.');
    return;
  }
  const title = `${visibleText(result.left.reference, 60)} ↔ ${visibleText(result.right.reference, 60)}`;
  const resources = texts.slice(0, maxChanges).map(({ path, left, right }) => {
    const [before, after] = [left, right].map((uri) => (uri === undefined ? undefined : comparedUri(uri, path)));
    return [after ?? before, before, after];
  });
  await commands.executeCommand('vscode.changes', title, resources);
  if (texts.length > maxChanges || pairs.length > maxLooked) {
    void shell.notify.info(
      `The editor shows ${counted(resources.length, 'text file')}. More differ: the view lists all.`,
    );
  }
}

/** Both sides of a file; one of them may be missing. */
interface FilePair {
  readonly path: string;
  readonly left: Uri | undefined;
  readonly right: Uri | undefined;
}

function filePairs(result: CompareImagesResult): readonly FilePair[] {
  const small = ({ type, size }: ComparedFile): boolean => type === 'file' && size <= maxTextBytes;
  const side = (image: NamedImage, path: string): Uri | undefined => imageFileUri(image, path);
  const changed = contentChanges(result).filter(({ before, after }) => small(before) && small(after));
  return [
    ...changed.map(({ path }) => ({ path, left: side(result.left, path), right: side(result.right, path) })),
    ...result.added.filter(small).map(({ path }) => ({ path, left: undefined, right: side(result.right, path) })),
    ...result.removed.filter(small).map(({ path }) => ({ path, left: side(result.left, path), right: undefined })),
  ];
}

async function textPairs(pairs: readonly FilePair[], { signal }: RunOptions): Promise<readonly FilePair[]> {
  const found: FilePair[] = [];
  for (const pair of pairs) {
    signal?.throwIfAborted();
    const sides = [pair.left, pair.right].filter((uri) => uri !== undefined);
    const texts = await Promise.all(sides.map(isText));
    if (texts.length > 0 && texts.every((text) => text)) found.push(pair);
    if (found.length > maxChanges) return found;
  }
  return found;
}

/** False for what cannot be read, too: one such file must not keep the others from being shown. */
async function isText(uri: Uri): Promise<boolean> {
  try {
    return isProbablyText((await workspace.fs.readFile(uri)).subarray(0, headBytes));
  } catch {
    return false;
  }
}
