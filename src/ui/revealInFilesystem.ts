import type { FilesNode, PathNode, TreeNode } from '../browse/nodes.ts';
import { isManifestNode } from '../browse/nodes.ts';
import { visibleText } from '../browse/text.ts';
import type { Io } from '../content/store.ts';
import { OciError } from '../errors.ts';
import { layerProgress } from '../verbs/fileOptions.ts';
import type { Commands } from './command.ts';
import { withProgress } from './progress.ts';
import { nodeOf } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.revealInFilesystem`: where a layer's file stands in the files of the whole image. */
export function revealCommands(shell: Shell): Commands {
  return {
    'gantry.revealInFilesystem': {
      person: async (asked) => {
        const node = nodeOf(asked, 'path');
        if (node === undefined) return;
        const { path } = node.item.entry;
        const found = await withProgress(`Looking for ${path}`, async (run) => {
          const folder = await shell.folders.of({ ...node, digest: node.manifest.digest }, run);
          await folder.stack(layerProgress(folder.files, run), run);
          return find(shell, node, path.split('/').slice(1), run);
        });
        if (found === undefined) {
          throw new OciError('not-found', `${visibleText(path)} is not in the image: a later layer removed it.`);
        }
        await shell.reveal(found);
      },
    },
  };
}

async function find(shell: Shell, node: PathNode, names: readonly string[], io: Io): Promise<TreeNode | undefined> {
  let image: TreeNode | undefined = node;
  while (image !== undefined && !isManifestNode(image)) image = shell.browser.parent(image);
  const top = image === undefined ? [] : await shell.browser.children(image, io);
  let at: FilesNode | undefined = top.find((child) => child.kind === 'filesystem');
  for (const name of names) at = at === undefined ? undefined : await child(shell, at, name, io);
  return at;
}

/** The child of a name, however many pages of the folder have to be shown for it. */
async function child(shell: Shell, parent: FilesNode, name: string, io: Io): Promise<PathNode | undefined> {
  for (;;) {
    const nodes = await shell.browser.children(parent, io);
    const found = nodes.find((node): node is PathNode => node.kind === 'path' && node.item.name === name);
    const more = nodes.find((node) => node.kind === 'loadMore');
    if (found !== undefined || more?.kind !== 'loadMore') return found;
    shell.redraw(shell.browser.loadMore(more));
  }
}
