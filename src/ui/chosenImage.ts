import type { ImagePlace } from '../browse/imageFolders.ts';
import { isFilesNode, isManifestNode, type TreeNode } from '../browse/nodes.ts';
import { identifierAt, nameOfPlace, placeOf } from '../browse/places.ts';
import { visibleText } from '../browse/text.ts';
import type { Io } from '../content/store.ts';
import { shortDigest } from '../oci/digest.ts';
import { formatPlatform, parsePlatform } from '../oci/platform.ts';
import type { OptionReader } from '../verbs/options.ts';
import type { Asked } from './command.ts';
import { briefly } from './progress.ts';
import { askedImage, imageFor } from './references.ts';
import type { Shell } from './shell.ts';

/** The image whose files a command is about. */
export interface ChosenImage extends ImagePlace {
  /** For people: `app:1.0 (linux/amd64)`. */
  readonly name: string;
}

/** The image of the node a command was run on, or the one that is asked for. Undefined: given up. @throws OciError */
export async function chosenImage(shell: Shell, asked: Asked, title: string): Promise<ChosenImage | undefined> {
  const node = asked.kind === 'nodes' ? asked.nodes[0] : undefined;
  if (node !== undefined && (isFilesNode(node) || node.kind === 'layers' || node.kind === 'config')) {
    const { registry, repository, manifest } = node;
    const tag = tagAbove(shell, node);
    return briefly((io) => describe(shell, { registry, repository, digest: manifest.digest }, tag, io));
  }
  const text = node !== undefined && isManifestNode(node) ? askedImage(asked) : await imageFor(shell, asked, title);
  if (text === undefined) return undefined;
  return briefly((io) => imageOf(shell, text, io));
}

/** The image that an address is in, named by its digest. @throws OciError */
export async function describeImage(shell: Shell, place: ImagePlace, io: Io): Promise<ChosenImage> {
  const { registry, repository, digest } = place;
  return describe(shell, { registry, repository, digest }, undefined, io);
}

/** The image that a program's options `image` and `platform` name; its repository stays in the view. @throws OciError */
export async function namedImage(shell: Shell, options: OptionReader): Promise<ChosenImage> {
  const io = { signal: AbortSignal.timeout(60_000) };
  return imageOf(shell, options.text('image'), io, options.optionalText('platform'));
}

/**
 * The image that a reference means; of an index the one for `platform`, else for the platforms of the settings, else its first.
 * An address that editors can open is of a place that is known: what was named by hand is kept in the view. @throws OciError
 */
export async function imageOf(shell: Shell, text: string, io: Io, platform?: string): Promise<ChosenImage> {
  const named = placeOf(text);
  const prefer = shell.settings().platforms.map(parsePlatform);
  const options = platform === undefined ? { prefer } : { prefer, platform: parsePlatform(platform) };
  const place = await shell.folders.find(named, identifierAt(named), options, io);
  if (!shell.browser.knows(place)) await shell.keep(place);
  return describe(shell, place, named.tag, io);
}

async function describe(shell: Shell, place: ImagePlace, tag: string | undefined, io: Io): Promise<ChosenImage> {
  const { files } = await shell.folders.of(place, io);
  const platform = files.config?.platform;
  const label = tag === undefined ? `@${shortDigest(place.digest).replace(/^.*:/, '')}` : `:${tag}`;
  const suffix = platform === undefined ? '' : ` (${formatPlatform(platform)})`;
  return { ...place, name: visibleText(`${nameOfPlace(place)}${label}${suffix}`) };
}

function tagAbove(shell: Shell, node: TreeNode): string | undefined {
  for (let at: TreeNode | undefined = node; at !== undefined; at = shell.browser.parent(at)) {
    if (at.kind === 'tag') return at.tag;
  }
  return undefined;
}
