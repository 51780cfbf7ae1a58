/** What an element is made of: every text is set as text, so nothing from an image is ever read as HTML. */
export interface Parts {
  readonly class?: string;
  readonly text?: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly children?: readonly (Node | undefined)[];
  readonly click?: () => void;
}

/** Makes an element. */
export function make<Tag extends keyof HTMLElementTagNameMap>(tag: Tag, parts: Parts = {}): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (parts.class !== undefined) element.className = parts.class;
  if (parts.text !== undefined) element.textContent = parts.text;
  for (const [name, value] of Object.entries(parts.attributes ?? {})) element.setAttribute(name, value);
  for (const child of parts.children ?? []) if (child !== undefined) element.append(child);
  if (parts.click !== undefined) element.addEventListener('click', parts.click);
  return element;
}

/** A button that looks like a link. */
export function link(text: string, click: () => void): HTMLButtonElement {
  return make('button', { class: 'link', text, attributes: { type: 'button' }, click });
}

/** A part of the page under a heading. */
export function section(title: string, ...children: readonly (Node | undefined)[]): HTMLElement {
  const id = `s-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  const heading = make('h2', { text: title, attributes: { id } });
  return make('section', { attributes: { 'aria-labelledby': id }, children: [heading, ...children] });
}
