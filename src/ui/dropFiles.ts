import { type DataTransfer, type TreeDragAndDropController, Uri } from 'vscode';
import { formatPlace } from '../browse/places.ts';
import type { TreeNode } from '../browse/nodes.ts';
import { OciError } from '../errors.ts';
import type { Shell } from './shell.ts';

const uriList = 'text/uri-list';
/** More than this at once is a mistake. */
const maxFiles = 100;

/** Files dropped on a repository or tag are containerized into it. */
export function dropFiles(shell: () => Shell): TreeDragAndDropController<TreeNode> {
  return {
    dropMimeTypes: [uriList],
    dragMimeTypes: [],
    handleDrop: async (node, transfer) => {
      try {
        const files = await filesOf(transfer);
        if (files.length === 0) return;
        const { containerize } = await import('./containerizeFlow.ts');
        // The workbench waits for the drop to be handled, and questions take their time.
        containerize(shell(), files, repositoryOf(node)).catch((error: unknown) => shell().notify.failure(error));
      } catch (error) {
        void shell().notify.failure(error);
      }
    },
  };
}

async function filesOf(transfer: DataTransfer): Promise<readonly string[]> {
  const text = (await transfer.get(uriList)?.asString()) ?? '';
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  if (lines.length > maxFiles) {
    const what = `${lines.length} things were dropped, and an image is made of ${maxFiles} at most`;
    throw new OciError('too-large', `${what}. Drop the folder that they are in.`);
  }
  const { pathOf } = await import('./containerizeSubject.ts');
  return lines.map((line) => pathOf(Uri.parse(line, true)));
}

function repositoryOf(node: TreeNode | undefined): string | undefined {
  if (node?.kind === 'repository') return `${node.registry}/${node.repository}`;
  if (node?.kind === 'tag') return formatPlace({ registry: node.registry, repository: node.repository, tag: node.tag });
  return undefined;
}
