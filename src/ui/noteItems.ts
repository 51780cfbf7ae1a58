import type { ErrorNode, Fix } from '../browse/nodes.ts';
import type { NodeOf, Parts } from './itemParts.ts';

const fixes: Readonly<Record<Fix, { readonly command: string; readonly hint: string }>> = {
  signIn: { command: 'gantry.signIn', hint: 'Click to sign in.' },
  openImage: { command: 'gantry.openImage', hint: 'Click to open an image by its name.' },
  openSettings: { command: 'gantry.openSettings', hint: 'Click to open the settings.' },
  retry: { command: 'gantry.retry', hint: 'Click to try again.' },
  clearFilter: { command: 'gantry.clearFilter', hint: 'Click to clear the filter.' },
};

const noteIcons = { info: 'info', warning: 'warning', progress: 'loading~spin' };

/** What stands where there are no nodes, or not all of them: Load more, failures and explanations. */
export function noteParts(node: NodeOf<'loadMore' | 'error' | 'empty' | 'note'>): Parts {
  switch (node.kind) {
    case 'loadMore':
      return {
        type: 'action',
        label: 'Load more…',
        description: `${node.shown} shown`,
        icon: 'ellipsis',
        context: ['loadMore'],
        expands: false,
        command: 'gantry.loadMore',
      };
    case 'error':
      return {
        type: 'error',
        label: headline(node),
        description: node.message,
        tooltip: [node.message, fixes[node.fix].hint],
        icon: node.reason === 'auth' ? 'lock' : node.fix === 'openImage' ? 'info' : 'error',
        context: ['error', node.reason ?? ''],
        expands: false,
        command: fixes[node.fix].command,
      };
    case 'note':
      return {
        type: node.severity === 'warning' ? 'warning' : 'note',
        label: node.message,
        icon: noteIcons[node.severity],
        context: ['note'],
        expands: false,
      };
    case 'empty': {
      const note = { type: 'note', label: node.message, icon: 'info', context: ['empty'], expands: false } as const;
      if (node.fix === undefined) return note;
      return { ...note, tooltip: [node.message, fixes[node.fix].hint], command: fixes[node.fix].command };
    }
  }
}

/** A few words that fit into a narrow side bar; the whole message stands behind them. */
function headline({ reason, fix, code }: ErrorNode): string {
  if (fix === 'openImage') return 'No list of repositories';
  if (reason === 'tls') return 'Certificate not trusted';
  if (code === 'unauthorized') return 'Sign in to see this';
  if (code === 'forbidden') return 'Not allowed';
  if (code === 'rate-limited') return 'Too many requests';
  if (code === 'not-found') return 'Not there';
  if (reason === 'net') return 'Not reachable';
  return fix === 'openSettings' ? 'Wrong settings' : 'Could not be read';
}
