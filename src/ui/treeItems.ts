import type { TreeNode } from '../browse/nodes.ts';
import { visibleText } from '../browse/text.ts';
import { archiveParts } from './archiveItems.ts';
import { contentParts } from './contentItems.ts';
import { fileParts } from './fileItems.ts';
import type { Facts, Parts } from './itemParts.ts';
import { manifestParts } from './manifestItems.ts';
import { nameParts } from './nameItems.ts';
import { noteParts } from './noteItems.ts';

/** How a node is shown, in words and names that need no editor. */
export interface ItemView {
  readonly label: string;
  readonly description?: string;
  /** Lines of plain text. */
  readonly tooltip: readonly string[];
  /** A codicon's name. */
  readonly icon: string;
  /** Tokens for `viewItem` in menus. */
  readonly context: readonly string[];
  readonly expands: boolean;
  /** What a screen reader says in place of label and description. */
  readonly spoken: string;
  /** Run by a click, with the node. */
  readonly command?: string;
}

/** How a node is shown. Text from registries comes out visible and cut. */
export function viewOf(node: TreeNode, facts: Facts): ItemView {
  const view = partsOf(node, facts);
  const label = visibleText(view.label);
  const description =
    view.description === undefined || view.description === '' ? undefined : visibleText(view.description, 120);
  const spoken = [view.type, label, description].filter((part) => part !== undefined).join(', ');
  return {
    label,
    tooltip: (view.tooltip ?? [label]).map((line) => visibleText(line)),
    icon: view.icon,
    context: view.context.filter((token) => token !== ''),
    expands: view.expands !== false,
    spoken: visibleText(spoken),
    ...(description === undefined ? {} : { description }),
    ...(view.command === undefined ? {} : { command: view.command }),
  };
}

function partsOf(node: TreeNode, facts: Facts): Parts {
  switch (node.kind) {
    case 'registry':
    case 'pinned':
    case 'namespace':
    case 'repository':
      return nameParts(node, facts);
    case 'archive':
      return archiveParts(node);
    case 'tag':
    case 'platform':
    case 'referrer':
      return manifestParts(node, facts);
    case 'config':
    case 'layers':
    case 'layer':
    case 'referrers':
      return contentParts(node);
    case 'filesystem':
    case 'path':
    case 'unsafe':
      return fileParts(node);
    case 'loadMore':
    case 'error':
    case 'empty':
    case 'note':
      return noteParts(node);
  }
}
