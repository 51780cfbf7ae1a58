import type { SizeNode } from '../api.ts';
import { make } from './elements.ts';
import { bytesText } from './format.ts';
import { type Chain, describeChain, drawTiles, last, nameOf } from './treemapTiles.ts';

export interface TreemapOptions {
  /** A person chose a file. */
  readonly open: (file: SizeNode) => void;
  /** A person went to another folder: its names from the root. */
  readonly moved: (names: readonly string[]) => void;
}

const hint =
  'Enter or a click opens a folder or a file, Escape goes back. Arrow keys move. Colours are those of the layers.';

/** The files of an image as nested rectangles that can be gone into, by mouse and by keyboard alike. */
export class TreemapView {
  readonly element = make('div', { class: 'treemap' });
  readonly #path = make('nav', { class: 'crumbs', attributes: { 'aria-label': 'Folder that is shown' } });
  readonly #picture = make('div', {
    class: 'tiles',
    attributes: { role: 'group', 'aria-label': 'Sizes in the folder' },
  });
  readonly #about = make('p', { class: 'hint about', text: hint });
  readonly #options: TreemapOptions;
  #folder: Chain;
  #tiles: readonly HTMLElement[] = [];
  #chains: ReadonlyMap<Element, Chain> = new Map();

  /** Shows the folder with these names from the root, as far as it is there. `draw()` it once it stands in the page. */
  constructor(root: SizeNode, names: readonly string[], options: TreemapOptions) {
    this.#options = options;
    this.#folder = follow(root, names);
    this.element.append(this.#path, this.#picture, this.#about);
    this.#picture.addEventListener('keydown', (event) => this.#key(event));
    this.#picture.addEventListener('click', ({ target }) => this.#enter(this.#chainAt(target)));
    for (const event of ['pointerover', 'focusin'] as const) {
      this.#picture.addEventListener(event, ({ target }) => this.#tell(this.#chainAt(target)));
    }
    this.#picture.addEventListener('pointerleave', () => this.#tell(this.#chainAt(document.activeElement)));
    this.#picture.addEventListener('focusout', () => this.#tell(undefined));
    new ResizeObserver(() => this.#resized()).observe(this.#picture);
  }

  /** Draws the picture as wide as the page is now. */
  draw(): void {
    const width = this.#picture.clientWidth;
    const height = Math.round(Math.min(Math.max(280, width * 0.56), 640));
    this.#picture.style.height = `${height}px`;
    const focused = this.#tiles.findIndex((tile) => tile === document.activeElement);
    const { tiles, parts, chains } = drawTiles(this.#folder, { x: 0, y: 0, width, height });
    this.#tiles = tiles;
    this.#chains = chains;
    this.#path.replaceChildren(...this.#folder.flatMap((node, at) => this.#crumb(node, at)));
    const empty = make('p', { class: 'none', text: 'There are no bytes in this folder.' });
    this.#picture.replaceChildren(...(tiles.length === 0 ? [empty] : [...tiles, ...parts]));
    this.#focusable(Math.max(0, focused));
    if (focused >= 0) tiles[focused]?.focus();
  }

  #resized(): void {
    const tile = this.#picture.dataset;
    const width = String(this.#picture.clientWidth);
    if (tile['width'] !== width) {
      tile['width'] = width;
      this.draw();
    }
  }

  #crumb(node: SizeNode, at: number): readonly Node[] {
    const text = at === 0 ? '/' : nameOf(node);
    const between = make('span', {
      class: 'between',
      text: at === 0 ? '' : '/',
      attributes: { 'aria-hidden': 'true' },
    });
    if (at === this.#folder.length - 1) {
      const here = make('span', { class: 'here', text, attributes: { 'aria-current': 'location' } });
      return [here, make('span', { class: 'none', text: bytesText(node.bytes) })];
    }
    const click = (): void => this.#show(this.#folder.slice(0, at + 1));
    return [make('button', { class: 'link', text, attributes: { type: 'button' }, click }), between];
  }

  #chainAt(target: EventTarget | null): Chain | undefined {
    const element = target instanceof Element ? target.closest('.tile, .part') : null;
    return element === null ? undefined : this.#chains.get(element);
  }

  #tell(chain: Chain | undefined): void {
    this.#about.textContent = chain === undefined ? hint : describeChain(chain);
  }

  #enter(chain: Chain | undefined): void {
    if (chain === undefined) return;
    const node = last(chain);
    if (node.kind === 'file') this.#options.open(node);
    else if (node.kind === 'directory' && node.children.some(({ bytes }) => bytes > 0)) this.#show(chain);
  }

  /** Goes to a folder; the focus to where it came from, or to the largest. */
  #show(folder: readonly SizeNode[]): void {
    const left = this.#folder[folder.length];
    const [root, ...rest] = folder;
    if (root === undefined) return;
    this.#folder = [root, ...rest];
    this.draw();
    const at = this.#tiles.findIndex((tile) => this.#chains.get(tile)?.at(-1) === left);
    this.#focus(Math.max(0, at));
    this.#options.moved(rest.map(({ name }) => name));
  }

  #key(event: KeyboardEvent): void {
    if ((event.key === 'Escape' || event.key === 'Backspace') && this.#folder.length > 1) {
      this.#show(this.#folder.slice(0, -1));
    } else if (isArrow(event.key)) this.#move(directions[event.key]);
    else if (event.key === 'Home') this.#focus(0);
    else if (event.key === 'End') this.#focus(this.#tiles.length - 1);
    else return;
    event.preventDefault();
  }

  /** To the nearest tile in a direction. */
  #move([right, down]: readonly [number, number]): void {
    const from = this.#tiles.find((tile) => tile === document.activeElement);
    if (from === undefined) return;
    const here = middle(from);
    const ahead = this.#tiles
      .map((tile, at) => ({ at, x: middle(tile).x - here.x, y: middle(tile).y - here.y }))
      .map(({ at, x, y }) => ({ at, along: x * right + y * down, aside: Math.abs(x * down) + Math.abs(y * right) }))
      .filter(({ along }) => along > 1)
      .sort((a, b) => a.along + 2 * a.aside - (b.along + 2 * b.aside));
    if (ahead[0] !== undefined) this.#focus(ahead[0].at);
  }

  #focus(at: number): void {
    this.#focusable(at);
    this.#tiles[at]?.focus();
  }

  /** One tile is in the order of the Tab key. */
  #focusable(at: number): void {
    for (const [each, tile] of this.#tiles.entries()) tile.tabIndex = each === at ? 0 : -1;
  }
}

const directions = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] } as const;

function isArrow(key: string): key is keyof typeof directions {
  return Object.hasOwn(directions, key);
}

function follow(root: SizeNode, names: readonly string[]): Chain {
  const chain: [SizeNode, ...SizeNode[]] = [root];
  let at: SizeNode | undefined = root;
  for (const name of names) {
    at = at.children.find((child) => child.name === name && child.kind === 'directory');
    if (at === undefined) break;
    chain.push(at);
  }
  return chain;
}

function middle(element: HTMLElement): { readonly x: number; readonly y: number } {
  const { left, top, width, height } = element.getBoundingClientRect();
  return { x: left + width / 2, y: top + height / 2 };
}
