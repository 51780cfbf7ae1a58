import { link, make } from './elements.ts';
import { numberText } from './format.ts';

/** Rows of a list before "Show all". */
const firstRows = 20;

export type Cell = string | Node;

export interface Column {
  readonly title: string;
  /** `number`: to the right; `wide`: left out where there is little room; `text`: long, beside another long one. */
  readonly kind?: 'number' | 'wide' | 'text';
}

export interface TableOptions {
  readonly caption: string;
  readonly columns: readonly Column[];
  /** Made when they are shown. */
  readonly rows: readonly (() => readonly Cell[])[];
  /** How many there are, of which `rows` are the first. Default: as many as `rows`. */
  readonly total?: number;
}

/** The tables that are shown whole, by their captions; kept when the page is drawn again. */
export interface Expanded {
  has(caption: string): boolean;
  add(caption: string): void;
}

/** A table that shows its first rows and, when asked, all it has. */
export function table({ caption, columns, rows, total = rows.length }: TableOptions, expanded: Expanded): HTMLElement {
  const head = columns.map(({ title, kind = '' }) =>
    make('th', { text: title, class: kind, attributes: { scope: 'col' } }),
  );
  const body = make('tbody');
  const show = (from: number, to: number): void =>
    body.append(...rows.slice(from, to).map((row) => line(row(), columns)));
  const whole = make('table', {
    children: [make('caption', { text: caption }), make('thead', { children: [make('tr', { children: head })] }), body],
  });
  const left = total > rows.length ? `${numberText(total - rows.length)} more are not listed here.` : '';
  const rest = make('p', { class: 'hint', text: left });
  if (rows.length <= firstRows || expanded.has(caption)) {
    show(0, rows.length);
    return make('div', { children: [whole, left === '' ? undefined : rest] });
  }
  show(0, firstRows);
  const text = total > rows.length ? `Show ${numberText(rows.length)} of ${numberText(total)}` : `Show all ${total}`;
  const all = link(text, () => {
    expanded.add(caption);
    show(firstRows, rows.length);
    // The focus goes to the first of the new rows: a button that is gone would leave it nowhere.
    const next = body.children[firstRows];
    const target = next?.querySelector('button') ?? next;
    if (left === '') all.remove();
    else all.replaceWith(rest);
    if (target instanceof HTMLElement) focus(target);
  });
  return make('div', { children: [whole, all] });
}

function focus(element: HTMLElement): void {
  if (element.tabIndex < 0) element.tabIndex = -1;
  element.focus();
}

function line(cells: readonly Cell[], columns: readonly Column[]): HTMLElement {
  const children = cells.map((cell, at) => {
    const parts = { class: columns[at]?.kind ?? '' };
    return typeof cell === 'string' ? make('td', { ...parts, text: cell }) : make('td', { ...parts, children: [cell] });
  });
  return make('tr', { children });
}
