import type { InspectImageResult } from '../api.ts';
import { placeOf } from '../browse/places.ts';
import { parseDigest } from '../oci/digest.ts';
import { OciError } from '../errors.ts';
import type { Commands } from './command.ts';
import { openDocument } from './imageDocuments.ts';
import { briefly } from './progress.ts';
import { askReference, registryStart } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.openImage`: any image by its reference; its repository stays in the view, with or without a catalogue. */
export function openImageCommands(shell: Shell): Commands {
  return {
    'gantry.openImage': {
      program: async (options) => {
        const { image } = options;
        if (typeof image !== 'string')
          throw new OciError('invalid-reference', 'openImage: the option image must be text.');
        return open(shell, image);
      },
      person: async (asked) => {
        const node = asked.kind === 'nodes' ? asked.nodes[0] : undefined;
        const value = node === undefined ? '' : registryStart(node);
        const image = await askReference(shell, {
          title: 'Open Image',
          placeholder: 'Any image: alpine:3, ghcr.io/owner/app:1.2, oci:PATH:TAG, docker-archive:PATH',
          value,
        });
        return typeof image === 'string' ? open(shell, image) : undefined;
      },
    },
  };
}

async function open(shell: Shell, image: string): Promise<InspectImageResult> {
  const found = await briefly((run) => shell.api().inspectImage({ image }, run));
  await shell.recent.add(image);
  const { registry, repository } = placeOf(image);
  await shell.keep({ registry, repository });
  await openDocument({ registry, repository, digest: parseDigest(found.digest), kind: 'inspect' });
  return found;
}
