import type { InspectImageResult } from '../api.ts';
import { placeOf } from '../browse/places.ts';
import { parseDigest } from '../oci/digest.ts';
import { imageOf } from './chosenImage.ts';
import type { Asked, Command, Commands } from './command.ts';
import { openDocument } from './imageDocuments.ts';
import type { DocumentKind } from './documentPaths.ts';
import { keepImage } from './keepImage.ts';
import { briefly } from './progress.ts';
import { nodeOf, imageFor, withDigest } from './references.ts';
import type { Shell } from './shell.ts';

/** `gantry.inspectImage`, `gantry.openManifest` and `gantry.openConfig`: what an image is, as read-only JSON. */
export function inspectImageCommands(shell: Shell): Commands {
  const open = (kind: DocumentKind, title: string): Command => ({
    person: async (asked) => openAsked(shell, asked, kind, title),
  });
  return {
    'gantry.inspectImage': {
      program: (options, api) => api.inspectImage(options),
      person: (asked) => openAsked(shell, asked, 'inspect', 'Inspect Image'),
    },
    'gantry.openManifest': open('manifest', 'Open Manifest'),
    'gantry.openConfig': open('config', 'Open Config'),
  };
}

async function openAsked(
  shell: Shell,
  asked: Asked,
  kind: DocumentKind,
  title: string,
): Promise<InspectImageResult | undefined> {
  const config = nodeOf(asked, 'config');
  if (config !== undefined && kind !== 'inspect') {
    const { registry, repository, manifest } = config;
    await openDocument({ registry, repository, digest: manifest.digest, kind });
    return undefined;
  }
  const image = await imageFor(shell, asked, title);
  if (image === undefined) return undefined;
  const found = await briefly((run) => shell.api().inspectImage({ image }, run));
  const { registry, repository } = placeOf(image);
  // A node is in the view already, though not what was asked for on one; what was named by hand is kept there.
  if (asked.kind === 'nodes') await keepImage(shell, image);
  else await shell.keep({ registry, repository });
  // An index has no config: shown is that of the image which the report is about, too.
  const shown = kind === 'config' ? await briefly((io) => imageOf(shell, withDigest(image, found.digest), io)) : found;
  await openDocument({ registry, repository, digest: parseDigest(shown.digest), kind });
  return found;
}
