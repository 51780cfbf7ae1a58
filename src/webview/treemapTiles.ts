import type { SizeNode } from '../api.ts';
import { make } from './elements.ts';
import { bytesText, countText, visible } from './format.ts';
import { type Rect, squarify, type Tile } from './treemap.ts';

/** The root, and the nodes on the way to one of those below it. */
export type Chain = readonly [SizeNode, ...SizeNode[]];

/** What is drawn of a folder. */
export interface Drawing {
  /** What is directly in the folder, largest first: each can have the focus. */
  readonly tiles: readonly HTMLButtonElement[];
  /** What is below it, to be seen and clicked; by keys it is reached through its folder. */
  readonly parts: readonly HTMLElement[];
  /** What each of them stands for. */
  readonly chains: ReadonlyMap<Element, Chain>;
}

/** All lengths are in pixels. */
const title = 19;
const gap = 2;
/** What is smaller is not drawn: nobody could see it. */
const smallest = 4;
/** A folder with less room shows nothing of what is in it. */
const roomy = { width: 28, height: title + 12 };
/** Less room holds no letter, or no second line. */
const readable = { width: 34, height: 17, second: 36 };

/** Draws what is in a folder, and below it as far as there is room. */
export function drawTiles(folder: Chain, area: Rect): Drawing {
  const chains = new Map<Element, Chain>();
  const parts: HTMLElement[] = [];
  const inside = (of: Chain, { x, y, width, height }: Rect): void => {
    if (width < roomy.width || height < roomy.height) return;
    const room = { x: x + gap, y: y + title, width: width - 2 * gap, height: height - title - gap };
    for (const tile of squarify(last(of).children, room)) {
      if (tile.width < smallest || tile.height < smallest) continue;
      const chain: Chain = [...of, tile.item];
      const part = make('div', { attributes: { 'aria-hidden': 'true' }, children: texts(tile) });
      dress(part, 'part', tile);
      parts.push(part);
      chains.set(part, chain);
      inside(chain, tile);
    }
  };
  const tiles = squarify(last(folder).children, area).map((tile) => {
    const chain: Chain = [...folder, tile.item];
    const attributes = { type: 'button', 'aria-label': labelOf(tile.item) };
    const button = make('button', { attributes, children: texts(tile) });
    dress(button, 'tile', tile);
    chains.set(button, chain);
    inside(chain, tile);
    return button;
  });
  return { tiles, parts, chains };
}

/** The node at the end of a chain. */
export function last(chain: Chain): SizeNode {
  return chain.at(-1) ?? chain[0];
}

/** What a person hears of a node: `usr 57.5 MiB, 4,322 files, folder, layer 3`. */
function labelOf(node: SizeNode): string {
  return `${nameOf(node)} ${bytesText(node.bytes)}, ${aboutOf(node)}`;
}

/** The same for below the picture, with the path. */
export function describeChain(chain: Chain): string {
  const path = chain.slice(1).map(nameOf).join('/');
  return `/${visible(path, 400)}  ·  ${bytesText(last(chain).bytes)}  ·  ${aboutOf(last(chain))}`;
}

/** The name of a node as it is shown. */
export function nameOf({ name }: SizeNode): string {
  return visible(name, 200);
}

function aboutOf({ kind, files, layer }: SizeNode): string {
  const count = kind === 'file' ? '' : `${countText(files, 'file')}, `;
  return `${count}${kinds[kind]} ${layer + 1}`;
}

const kinds = { directory: 'folder, most of it from layer', file: 'file of layer', rest: 'small ones, layer' } as const;

/** The name, and of what has no more inside also the size, where there is room. */
function texts({ item, width, height }: Tile<SizeNode>): readonly HTMLElement[] {
  if (width < readable.width || height < readable.height) return [];
  const name = make('span', { class: 'name', text: nameOf(item) });
  if (item.kind === 'directory' || height < readable.second) return [name];
  return [name, make('span', { class: 'size', text: bytesText(item.bytes) })];
}

/** The style is set by script: the page's policy allows no style attribute. */
function dress(element: HTMLElement, kind: 'tile' | 'part', { item, ...rect }: Tile<SizeNode>): void {
  const labelled = element.hasChildNodes() ? ' labelled' : '';
  element.className = `${kind} ${item.kind} layer-${item.layer % 7}${labelled}`;
  element.style.left = `${rect.x}px`;
  element.style.top = `${rect.y}px`;
  element.style.width = `${rect.width}px`;
  element.style.height = `${rect.height}px`;
}
