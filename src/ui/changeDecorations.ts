import { type Disposable, FileDecoration, ThemeColor, type Uri, window } from 'vscode';
import { scheme } from './fileUris.ts';

const decorations = {
  added: new FileDecoration('A', 'Added by this layer', new ThemeColor('gitDecoration.addedResourceForeground')),
  modified: new FileDecoration(
    'M',
    'Modified by this layer',
    new ThemeColor('gitDecoration.modifiedResourceForeground'),
  ),
  removed: new FileDecoration('D', 'Removed by this layer', new ThemeColor('gitDecoration.deletedResourceForeground')),
};

/** Marks what a layer did to its files as Git does: a letter and a colour, in the tree only. */
export function registerChangeDecorations(): Disposable {
  return window.registerFileDecorationProvider({ provideFileDecoration: decorationOf });
}

function decorationOf({ scheme: of, query }: Uri): FileDecoration | undefined {
  if (of !== scheme) return undefined;
  return query === 'added' || query === 'modified' || query === 'removed' ? decorations[query] : undefined;
}
