import type { TreeNode } from '../browse/nodes.ts';
import { isFilesNode, referenceOf } from '../browse/nodes.ts';
import { formatPlace, identifierAt, isArchive, isLocal, isRelative, placeOf } from '../browse/places.ts';
import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { parseDigest } from '../oci/digest.ts';
import { parseRegistry, type Reference } from '../oci/reference.ts';
import { askArchivedImage } from './archivedImage.ts';
import type { Asked } from './command.ts';
import { askTextOrOne } from './prompts.ts';
import type { Shell } from './shell.ts';
import type { Back, StepPlace } from './steps.ts';

/** What is wrong with a reference someone types; undefined where nothing is. */
export function referenceProblem(text: string): string | undefined {
  return problem(() => {
    placeOf(text);
    if (!isRelative(text)) return;
    throw new OciError('invalid-reference', 'Write the whole path of what is on disk, from the root on.');
  });
}

/** What is wrong with a registry someone types; undefined where nothing is. */
export function registryProblem(text: string): string | undefined {
  return problem(() => parseRegistry(text));
}

function problem(parse: () => unknown): string | undefined {
  try {
    parse();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'not valid';
  }
}

export interface AskReference {
  readonly title: string;
  readonly placeholder: string;
  readonly value?: string;
  readonly place?: StepPlace;
  /** More suggestions, before the recent ones. */
  readonly suggestions?: readonly { readonly label: string; readonly description?: string }[];
  /** Words that stand for something else than a reference, such as `scratch`. */
  readonly words?: readonly string[];
}

/** Asks for a reference, with recent ones to pick from. Undefined: given up. */
export async function askReference(shell: Shell, options: AskReference): Promise<string | Back | undefined> {
  const { suggestions = [], words = [], ...rest } = options;
  const recent = shell.recent.references().map((label) => ({ label, description: 'recent' }));
  return askTextOrOne({
    ...rest,
    suggestions: [...suggestions, ...recent],
    validate: (text) => (words.includes(text) ? undefined : referenceProblem(text)),
  });
}

/** The image a command was run on; undefined where it was run on none. @throws OciError invalid-reference for several */
export function askedImage(asked: Asked): string | undefined {
  if (asked.kind !== 'nodes') return undefined;
  if (asked.nodes.length > 1)
    throw new OciError('invalid-reference', 'Several images are selected. Select one of them.');
  const [node] = asked.nodes;
  // A repository or archive is no image: its latest must not be taken for what was meant. Nor is a file: Delete on it means the file.
  return node.kind === 'repository' || node.kind === 'archive' || isFilesNode(node) ? undefined : referenceOf(node);
}

/** The node's image or the one that is asked for. Undefined: given up. */
export async function imageFor(shell: Shell, asked: Asked, title: string): Promise<string | undefined> {
  const given = askedImage(asked);
  if (given !== undefined) return given;
  const node = asked.kind === 'nodes' ? asked.nodes[0] : undefined;
  if (node?.kind === 'archive') return askArchivedImage(shell.local, node, title);
  const text = await askReference(shell, {
    title,
    placeholder: 'An image, such as alpine:3, ghcr.io/owner/app:1.2 or oci-archive:/PATH',
    value: node === undefined ? '' : startOf(node),
  });
  if (typeof text !== 'string') return undefined;
  // Its files are opened by addresses, which reach what was named by hand and nothing else.
  if (isLocal(placeOf(text))) await shell.keep(placeOf(text));
  return text;
}

/** What a reference to something below a node begins with. */
function startOf(node: TreeNode): string {
  const reference = referenceOf(node);
  return reference === undefined ? registryStart(node) : `${reference}:`;
}

/** What a reference to something in the registry of a node begins with; nothing where it is in none. */
export function registryStart(node: TreeNode): string {
  return isLocal(node) || node.registry === '' ? '' : `${node.registry}/`;
}

/** The digest a reference names now; undefined where it names nothing. @throws OciError of the registry */
export async function digestAt(shell: Shell, text: string, io: Io): Promise<string | undefined> {
  try {
    const place = placeOf(text);
    return (await shell.browser.store(place).resolve(identifierAt(place), io)).digest;
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** The same repository, layout or archive by digest. @throws OciError invalid-digest */
export function withDigest(text: string, digest: string): string {
  const { registry, repository } = placeOf(text);
  return formatPlace({ registry, repository, digest: parseDigest(digest) });
}

/** The same repository, layout or archive with another tag. */
export function withTag(text: string, tag: string): string {
  const { registry, repository } = placeOf(text);
  return formatPlace({ registry, repository, tag });
}

/** The place of an image that is to be changed where it is. @throws OciError unsupported-media-type for one in an archive */
export function writablePlace(image: string): Reference {
  const place = placeOf(image);
  if (!isArchive(place)) return place;
  throw new OciError(
    'unsupported-media-type',
    `${image} is in an archive, which is written as a whole: nothing in it can be changed. Save it to another file, or copy it.`,
  );
}

/** The first node of a kind among those a command was run on. */
export function nodeOf<Kind extends TreeNode['kind']>(
  asked: Asked,
  kind: Kind,
): Extract<TreeNode, { kind: Kind }> | undefined {
  if (asked.kind !== 'nodes') return undefined;
  return asked.nodes.find((node): node is Extract<TreeNode, { kind: Kind }> => node.kind === kind);
}
