import { isManifestNode, referenceOf, type TreeNode } from '../browse/nodes.ts';
import { OciError } from '../errors.ts';
import type { Asked, Command, Commands } from './command.ts';
import { briefly } from './progress.ts';
import { digestAt, imageFor, withDigest } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.copyReference`, `gantry.copyDigestReference`, `gantry.copyDigest`: one line for each selected node. */
export function clipboardCommands(shell: Shell): Commands {
  const copy = (title: string, text: (reference: string, node?: TreeNode) => Promise<string>): Command => ({
    person: (asked) => copyLines(shell, asked, title, text),
  });
  return {
    'gantry.copyReference': copy('Copy Reference', (reference, node) => Promise.resolve(nameIn(reference, node))),
    'gantry.copyDigestReference': copy('Copy Digest Reference', async (reference, node) =>
      withDigest(reference, await digestFor(shell, reference, node)),
    ),
    'gantry.copyDigest': copy('Copy Digest', (reference, node) => digestFor(shell, reference, node)),
  };
}

/** A file has its path, a layer the digest that it has in its repository. */
function nameIn(reference: string, node?: TreeNode): string {
  if (node?.kind === 'path') return node.item.entry.path;
  return node?.kind === 'layer' ? withDigest(reference, node.descriptor.digest) : reference;
}

async function copyLines(
  shell: Shell,
  asked: Asked,
  title: string,
  text: (reference: string, node?: TreeNode) => Promise<string>,
): Promise<string | undefined> {
  const lines: string[] = [];
  if (asked.kind === 'nodes') {
    for (const node of asked.nodes) {
      const reference = node.kind === 'registry' ? node.registry : referenceOf(node);
      if (reference !== undefined) lines.push(await text(reference, node));
    }
  } else {
    const reference = await imageFor(shell, asked, title);
    if (reference !== undefined) lines.push(await text(reference));
  }
  if (lines.length === 0) return undefined;
  await shell.copyText(lines.join('\n'));
  return lines.join('\n');
}

/**
 * The digest of the node itself: a layer's or config's own, of what else is in an image that of the image, else that of the
 * manifest a reference names. A repository has none: its latest must not be taken for what was meant.
 */
async function digestFor(shell: Shell, reference: string, node?: TreeNode): Promise<string> {
  if (node?.kind === 'repository')
    throw new OciError('invalid-reference', `${reference} is a repository: select its tags.`);
  if (node?.kind === 'layer' || node?.kind === 'config') return node.descriptor.digest;
  if (node !== undefined && 'manifest' in node) return node.manifest.digest;
  const found = await briefly(async ({ signal }) =>
    node !== undefined && isManifestNode(node)
      ? (await shell.browser.describe(node, { signal })).digest
      : digestAt(shell, reference, { signal }),
  );
  if (found === undefined) throw new OciError('not-found', `${reference} is not there.`);
  return found;
}
