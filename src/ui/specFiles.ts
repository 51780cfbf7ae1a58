import type { DocumentFilter, TextDocument } from 'vscode';

/** Which files are specs, for searches. */
export const specGlob = '**/{gantry.yaml,*.gantry.yaml}';

/** Which documents are specs that somebody writes; not those in images. */
export const specSelector: readonly DocumentFilter[] = ['file', 'vscode-remote', 'untitled'].map((scheme) => ({
  scheme,
  pattern: specGlob,
}));

/** Most specs of a workspace that are looked at. */
export const maxSpecs = 100;

/** The name of a document without its folders. */
export function specName({ uri }: Pick<TextDocument, 'uri'>): string {
  return uri.path.split('/').at(-1) ?? '';
}
