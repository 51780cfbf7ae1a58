import type { NameCount } from '../browse/browser.ts';
import type { ImageSummary } from '../browse/imageDetails.ts';
import type { TreeNode } from '../browse/nodes.ts';
import { formatBytes } from '../browse/text.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';

/** What is known beside the node itself. */
export interface Facts {
  readonly summary?: ImageSummary;
  readonly count?: NameCount;
  readonly writable: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How a node is shown, with text from registries still as it came. */
export interface Parts {
  /** For the screen reader. */
  readonly type: string;
  readonly label: string;
  readonly description?: string | undefined;
  /** Lines of text. Default: the label. */
  readonly tooltip?: readonly string[];
  /** A codicon's name. */
  readonly icon: string;
  /** Tokens for `viewItem` in menus; empty ones are left out. */
  readonly context: readonly string[];
  readonly expands?: false;
  /** Run by a click, with the node. */
  readonly command?: string;
}

export type NodeOf<Kind extends TreeNode['kind']> = Extract<TreeNode, { readonly kind: Kind }>;

/** `42.0 MiB (44040192 bytes)`. */
export function exactBytes(bytes: number): string {
  return bytes < 1024 ? formatBytes(bytes) : `${formatBytes(bytes)} (${bytes} bytes)`;
}

/** The first 12 digits of a digest: a tree is narrow, and the tooltip has them all. */
export function briefDigest(digest: Digest): string {
  return shortDigest(digest).replace(/^.*:/, '');
}
