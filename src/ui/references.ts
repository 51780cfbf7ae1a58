import type { TreeNode } from '../browse/nodes.ts';
import { referenceOf } from '../browse/nodes.ts';
import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { formatReference, parseReference, parseRegistry, type Reference } from '../oci/reference.ts';
import type { Asked } from './command.ts';
import { askTextOrOne } from './prompts.ts';
import type { Shell } from './shell.ts';
import type { Back, StepPlace } from './steps.ts';

/** True for the layouts on disk that may stand wherever a registry reference may. */
export function isLayout(text: string): boolean {
  return text.startsWith('oci:');
}

/** What is wrong with a reference someone types; undefined where nothing is. */
export function referenceProblem(text: string): string | undefined {
  if (isLayout(text)) return text.length > 4 ? undefined : 'Write the path of the layout after oci:';
  return problem(() => parseReference(text));
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
  // A repository is no image: its latest must not be taken for what was meant.
  return node.kind === 'repository' || node.kind === 'layer' ? undefined : referenceOf(node);
}

/** The node's image or the one that is asked for. Undefined: given up. */
export async function imageFor(shell: Shell, asked: Asked, title: string): Promise<string | undefined> {
  const given = askedImage(asked);
  if (given !== undefined) return given;
  const node = asked.kind === 'nodes' ? asked.nodes[0] : undefined;
  const value =
    node === undefined ? '' : `${referenceOf(node) ?? node.registry}${referenceOf(node) === undefined ? '/' : ':'}`;
  const text = await askReference(shell, {
    title,
    placeholder: 'An image, such as alpine:3 or ghcr.io/owner/app:1.2',
    value,
  });
  return typeof text === 'string' ? text : undefined;
}

/** The digest a reference names now; undefined where it names nothing. @throws OciError of the registry */
export async function digestAt(shell: Shell, text: string, io: Io): Promise<string | undefined> {
  try {
    if (isLayout(text)) return (await shell.api().inspectImage({ image: text }, io)).digest;
    const reference = parseReference(text);
    const found = await shell.browser.store(reference).resolve(reference.digest ?? reference.tag ?? 'latest', io);
    return found.digest;
  } catch (error) {
    if (isOciError(error, 'not-found')) return undefined;
    throw error;
  }
}

/** The registry reference of a text; undefined for a layout. @throws OciError invalid-reference */
export function registryReference(text: string): Reference | undefined {
  return isLayout(text) ? undefined : parseReference(text);
}

/** The same repository or layout by digest. */
export function withDigest(text: string, digest: string): string {
  const reference = registryReference(text);
  return reference === undefined
    ? `oci:${layoutPath(text)}@${digest}`
    : `${reference.registry}/${reference.repository}@${digest}`;
}

/** The same repository or layout with another tag. */
export function withTag(text: string, tag: string): string {
  const reference = registryReference(text);
  if (reference === undefined) return `oci:${layoutPath(text)}:${tag}`;
  return formatReference({ registry: reference.registry, repository: reference.repository, tag });
}

/** The path ends at its first colon, but that of a Windows drive. */
function layoutPath(text: string): string {
  const named = text.slice('oci:'.length).replace(/@sha(?:256|512):[^:@]*$/, '');
  return /^(?:[a-zA-Z]:(?=[\\/]))?[^:]*/.exec(named)?.[0] ?? named;
}

/** The first node of a kind among those a command was run on. */
export function nodeOf<Kind extends TreeNode['kind']>(
  asked: Asked,
  kind: Kind,
): Extract<TreeNode, { kind: Kind }> | undefined {
  if (asked.kind !== 'nodes') return undefined;
  return asked.nodes.find((node): node is Extract<TreeNode, { kind: Kind }> => node.kind === kind);
}
