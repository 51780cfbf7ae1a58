import type { Disposable } from 'vscode';
import type { InspectImageResult } from '../api.ts';
import { parseDigest } from '../oci/digest.ts';
import { OciError } from '../errors.ts';
import { registerCommand } from './command.ts';
import { openDocument } from './imageDocuments.ts';
import { openReport } from './inspectImage.ts';
import { briefly } from './progress.ts';
import { askReference, registryReference } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.openImage`: any image by its reference; its repository stays in the view, with or without a catalogue. */
export function registerOpenImage(shell: Shell): Disposable {
  return registerCommand<InspectImageResult>(shell, 'gantry.openImage', {
    program: async (options) => {
      const { image } = options;
      if (typeof image !== 'string')
        throw new OciError('invalid-reference', 'openImage: the option image must be text.');
      return open(shell, image);
    },
    person: async (asked) => {
      const value = asked.kind === 'nodes' ? `${asked.nodes[0].registry}/` : '';
      const image = await askReference(shell, {
        title: 'Open Image',
        placeholder: 'Any image: alpine:3, ghcr.io/owner/app:1.2, oci:PATH:TAG',
        value,
      });
      return typeof image === 'string' ? open(shell, image) : undefined;
    },
  });
}

async function open(shell: Shell, image: string): Promise<InspectImageResult> {
  const found = await briefly((run) => shell.api().inspectImage({ image }, run));
  await shell.recent.add(image);
  const reference = registryReference(image);
  if (reference === undefined) {
    await openReport(found, 'inspect');
    return found;
  }
  const { registry, repository } = reference;
  await shell.recent.open(registry, repository);
  shell.redrawAll();
  await openDocument(registry, { repository, digest: parseDigest(found.digest), kind: 'inspect' });
  return found;
}
