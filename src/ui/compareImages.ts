import { commands } from 'vscode';
import type { CompareImagesResult } from '../api.ts';
import type { ComparisonFile } from '../browse/comparison.ts';
import { isManifestNode, referenceOf } from '../browse/nodes.ts';
import { visibleText } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import { besides, notedBase } from './baseNotes.ts';
import type { Asked, Commands } from './command.ts';
import { ComparisonView } from './comparisonView.ts';
import { imageFileUri, type NamedImage } from './imageUris.ts';
import { keepImage } from './keepImage.ts';
import { openImageFile } from './openImageFile.ts';
import { briefly, withProgress } from './progress.ts';
import { askReference, imageFor } from './references.ts';
import { owned, type Shell } from './shell.ts';
import { openTextChanges } from './textChanges.ts';

/** The commands around comparing two images; the result stands in a view of its own. */
export function compareCommands(shell: Shell): Commands {
  let made: ComparisonView | undefined;
  const view: View = () => (made ??= owned(shell, new ComparisonView()));
  let selected: string | undefined;
  const compare = (left: string, right: string): Promise<CompareImagesResult> => compareNow(shell, view, left, right);
  return {
    'gantry.compareImages': {
      program: (options, api) => api.compareImages(options),
      person: async (asked) => {
        const pair = await askPair(shell, asked);
        return pair === undefined ? undefined : compare(...pair);
      },
    },
    'gantry.selectForCompare': {
      person: async (asked) => {
        selected = await imageFor(shell, asked, 'Select for Compare');
        await commands.executeCommand('setContext', 'gantry:comparesWith', selected !== undefined);
      },
    },
    'gantry.compareWithSelected': {
      person: async (asked) => {
        const right = await imageFor(shell, asked, 'Compare with Selected');
        const left = selected ?? (right === undefined ? undefined : await other(shell, right));
        return left === undefined || right === undefined ? undefined : compare(left, right);
      },
    },
    'gantry.compareWithBase': {
      person: async (asked) => {
        const image = await imageFor(shell, asked, 'Compare with Base');
        const base = image === undefined ? undefined : await baseOf(shell, image);
        return image === undefined || base === undefined ? undefined : compare(base, image);
      },
    },
    ...viewCommands(shell, view, compare),
  };
}

/** The view, made at its first use. */
type View = () => ComparisonView;
type Compare = (left: string, right: string) => Promise<CompareImagesResult>;

function viewCommands(shell: Shell, view: View, compare: Compare): Commands {
  return {
    'gantry.openComparedFile': {
      row: async (row) => {
        const { result } = view();
        if (result !== undefined && view().isFile(row)) await openCompared(shell, result, row);
      },
    },
    'gantry.openAllChanges': {
      person: async () => {
        const { result } = view();
        if (result !== undefined) await openTextChanges(shell, result);
      },
    },
    'gantry.swapComparison': {
      person: async () => {
        const { left, right } = view().result ?? {};
        if (left !== undefined && right !== undefined) await compare(right.reference, left.reference);
      },
    },
    'gantry.closeComparison': { person: async () => view().close() },
  };
}

async function compareNow(shell: Shell, view: View, left: string, right: string): Promise<CompareImagesResult> {
  return withProgress(`Comparing ${left} with ${right}`, async (run) => {
    const result = await shell.api().compareImages({ left, right }, run);
    for (const { reference } of [result.left, result.right]) await keepImage(shell, reference);
    await view().show(result, run);
    return result;
  });
}

/** Two selected images, one selected and one asked for, or two that are asked for. Undefined: given up. */
async function askPair(shell: Shell, asked: Asked): Promise<readonly [string, string] | undefined> {
  const nodes = asked.kind === 'nodes' ? asked.nodes.filter(isManifestNode) : [];
  const [first, second, third] = nodes.map(referenceOf).filter((text) => text !== undefined);
  if (third !== undefined) {
    throw new OciError('invalid-reference', 'More than two images are selected. Select two of them.');
  }
  if (first !== undefined && second !== undefined) return [first, second];
  const left = first ?? (await imageFor(shell, { kind: 'ask' }, 'Compare Images: Left Side'));
  const right = left === undefined ? undefined : await other(shell, left);
  return left === undefined || right === undefined ? undefined : [left, right];
}

async function other(shell: Shell, left: string): Promise<string | undefined> {
  const text = await askReference(shell, {
    title: `Compare ${left} with…`,
    placeholder: 'The other image, such as alpine:3 or ghcr.io/owner/app:1.2',
    value: besides(left),
  });
  return typeof text === 'string' ? text : undefined;
}

/** The base that the builder noted, or the one that is asked for. Undefined: given up. */
async function baseOf(shell: Shell, image: string): Promise<string | undefined> {
  const { annotations } = await briefly((run) => shell.api().inspectImage({ image }, run));
  const text = await askReference(shell, {
    title: `The base of ${image}`,
    placeholder: 'The image it was built on',
    value: visibleText(notedBase(annotations), 500),
  });
  return typeof text === 'string' ? text : undefined;
}

/** Both versions side by side, or the only one. */
async function openCompared(shell: Shell, result: CompareImagesResult, file: ComparisonFile): Promise<void> {
  const { before, after, path, differences } = file;
  const sides = [before, after];
  if (sides.every((side) => side?.type === 'file') && differences.includes('content')) {
    const [left, right] = [imageFileUri(result.left, path), imageFileUri(result.right, path)];
    await commands.executeCommand('vscode.diff', left, right, diffTitle(result, path), { preview: true });
    return;
  }
  const image = after === undefined ? result.left : result.right;
  await openImageFile(shell, { image, path, layers: [undefined] });
}

/** `app.conf (app:1.0 ↔ app:1.1)`. */
function diffTitle({ left, right }: CompareImagesResult, path: string): string {
  const name = ({ reference }: NamedImage): string => visibleText(reference.split(/[\\/]/).at(-1) ?? reference, 60);
  return `${visibleText(path.split('/').at(-1) ?? path, 100)} (${name(left)} ↔ ${name(right)})`;
}
