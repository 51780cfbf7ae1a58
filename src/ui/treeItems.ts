import type { ImageSummary } from '../browse/imageDetails.ts';
import type { NameCount } from '../browse/browser.ts';
import type { TreeNode } from '../browse/nodes.ts';
import { lastSegment } from '../browse/pathTree.ts';
import { counted, formatAge, formatBytes, visibleText } from '../browse/text.ts';
import { shortDigest } from '../oci/digest.ts';

/** How a node is shown, in words and names that need no editor. */
export interface ItemView {
  readonly label: string;
  readonly description?: string;
  /** Lines of plain text. */
  readonly tooltip: readonly string[];
  /** A codicon's name. */
  readonly icon: string;
  /** Tokens for `viewItem` in menus. */
  readonly context: readonly string[];
  readonly expands: boolean;
  /** What a screen reader says in place of label and description. */
  readonly spoken: string;
  /** Run by a click, with the node. */
  readonly command?: string;
}

/** What is known beside the node itself. */
export interface Facts {
  readonly summary?: ImageSummary;
  readonly count?: NameCount;
  readonly writable: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** How a node is shown. Text from registries comes out visible and cut. */
export function viewOf(node: TreeNode, facts: Facts): ItemView {
  const view = partsOf(node, facts);
  const label = visibleText(view.label);
  const description =
    view.description === undefined || view.description === '' ? undefined : visibleText(view.description, 120);
  const spoken = [view.type, label, description].filter((part) => part !== undefined).join(', ');
  return {
    label,
    tooltip: (view.tooltip ?? [label]).map((line) => visibleText(line)),
    icon: view.icon,
    context: view.context.filter((token) => token !== ''),
    expands: view.expands !== false,
    spoken: visibleText(spoken),
    ...(description === undefined ? {} : { description }),
    ...(view.command === undefined ? {} : { command: view.command }),
  };
}

interface Parts {
  /** For the screen reader. */
  readonly type: string;
  readonly label: string;
  readonly description?: string | undefined;
  readonly tooltip?: readonly string[];
  readonly icon: string;
  readonly context: readonly string[];
  readonly expands?: false;
  readonly command?: string;
}

const fixes = {
  signIn: 'gantry.signIn',
  openImage: 'gantry.openImage',
  openSettings: 'gantry.openSettings',
  retry: 'gantry.retry',
};

function partsOf(node: TreeNode, facts: Facts): Parts {
  switch (node.kind) {
    case 'registry':
      return registryParts(node);
    case 'pinned':
      return { type: 'group', label: 'Opened', icon: 'pinned', context: ['pinned'] };
    case 'namespace': {
      const description = countText(facts.count, 'repository', 'repositories');
      const tooltip = [`${node.registry}/${node.path}`];
      return {
        type: 'namespace',
        label: lastSegment(node.path),
        description,
        tooltip,
        icon: 'folder-library',
        context: ['namespace'],
      };
    }
    case 'repository': {
      const description = countText(facts.count, 'tag', 'tags');
      const tooltip = [`${node.registry}/${node.repository}`];
      const context = ['repo', node.pinned ? 'pinned' : '', facts.writable ? 'writable' : ''];
      return { type: 'repository', label: node.label, description, tooltip, icon: 'repo', context };
    }
    case 'tag':
    case 'platform':
    case 'referrer':
      return manifestParts(node, facts);
    case 'config':
    case 'layers':
    case 'layer':
    case 'referrers':
      return imageParts(node);
    case 'loadMore':
      return {
        type: 'action',
        label: 'Load more…',
        description: `${node.shown} shown`,
        icon: 'ellipsis',
        context: ['loadMore'],
        expands: false,
        command: 'gantry.loadMore',
      };
    case 'error':
      return {
        type: 'error',
        label: node.message,
        description: node.code,
        tooltip: [node.message, hints[node.fix]],
        icon: node.reason === 'auth' ? 'lock' : 'error',
        context: ['error', node.reason ?? ''],
        expands: false,
        command: fixes[node.fix],
      };
    case 'empty':
      return { type: 'note', label: node.message, icon: 'info', context: ['empty'], expands: false };
  }
}

const hints = {
  signIn: 'Click to sign in.',
  openImage: 'Click to open an image by its name.',
  openSettings: 'Click to open the settings.',
  retry: 'Click to try again.',
};

type NodeOf<Kind extends TreeNode['kind']> = Extract<TreeNode, { readonly kind: Kind }>;

function registryParts(node: NodeOf<'registry'>): Parts {
  const notes = [
    node.alias === undefined ? '' : node.registry,
    node.insecure ? 'insecure' : '',
    node.readOnly ? 'read-only' : '',
  ];
  const context = [
    'registry',
    node.local ? 'local' : '',
    node.insecure ? 'insecure' : '',
    node.readOnly ? 'readonly' : '',
  ];
  return {
    type: node.local ? 'local registry' : 'registry',
    label: node.alias ?? (node.local ? 'Local Registry' : node.registry),
    description: (node.local && node.alias === undefined ? [node.registry, ...notes] : notes)
      .filter((note) => note !== '')
      .join(' · '),
    tooltip: [node.registry, ...(node.insecure ? ['Its certificate is not checked, or it speaks plain HTTP.'] : [])],
    icon: node.local ? 'device-desktop' : 'server',
    context,
  };
}

function manifestParts(node: NodeOf<'tag' | 'platform' | 'referrer'>, { summary, writable, now }: Facts): Parts {
  const shape = summary?.shape ?? 'unresolved';
  const context = [
    node.kind === 'tag' ? 'tag' : 'manifest',
    node.kind === 'tag' ? '' : node.kind,
    shape,
    writable ? 'writable' : '',
  ];
  const tooltip = [`${node.registry}/${node.repository}`, ...summaryLines(summary)];
  if (node.kind === 'tag') {
    const icons = { image: 'tag', index: 'versions', artifact: 'package', unresolved: 'tag' };
    return {
      type: 'tag',
      label: node.tag,
      description: summaryText(summary, now),
      tooltip,
      icon: icons[shape],
      context,
    };
  }
  const short = shortDigest(node.descriptor.digest);
  if (node.kind === 'platform') {
    const label = node.attestation ? 'Attestation' : node.label;
    const icon = node.attestation ? 'shield' : 'chip';
    const description = summary?.size === undefined ? short : `${formatBytes(summary.size)} · ${short}`;
    return { type: 'platform', label, description, tooltip: [node.descriptor.digest, ...tooltip], icon, context };
  }
  const label = node.descriptor.artifactType ?? node.descriptor.mediaType;
  const created = node.descriptor.annotations?.['org.opencontainers.image.created'];
  const description = [formatAge(created, now), short].filter((part) => part !== undefined).join(' · ');
  return {
    type: 'referrer',
    label,
    description,
    tooltip: [node.descriptor.digest, ...tooltip],
    icon: referrerIcon(label),
    context,
  };
}

function imageParts(node: NodeOf<'config' | 'layers' | 'layer' | 'referrers'>): Parts {
  switch (node.kind) {
    case 'config':
      return {
        type: 'document',
        label: 'Config',
        description: `${formatBytes(node.descriptor.size)} · ${shortDigest(node.descriptor.digest)}`,
        tooltip: [node.descriptor.mediaType, node.descriptor.digest],
        icon: 'settings-gear',
        context: ['config'],
        expands: false,
        command: 'gantry.openConfig',
      };
    case 'layers':
      return {
        type: 'group',
        label: node.artifact ? 'Blobs' : 'Layers',
        description: `${node.count} · ${formatBytes(node.size)}`,
        tooltip: [`${exactBytes(node.size)} as stored`],
        icon: 'layers',
        context: ['layers'],
      };
    case 'layer':
      return {
        type: 'layer',
        label: `#${node.position} ${node.createdBy ?? node.descriptor.mediaType}`.slice(0, 160),
        description: `${formatBytes(node.descriptor.size)} · ${shortDigest(node.descriptor.digest)}`,
        tooltip: [
          node.createdBy ?? 'No history line',
          node.descriptor.mediaType,
          node.descriptor.digest,
          `${exactBytes(node.descriptor.size)} as stored`,
        ],
        icon: 'file-zip',
        context: ['layer'],
        expands: false,
      };
    case 'referrers':
      return {
        type: 'group',
        label: 'Referrers',
        tooltip: ['Signatures, SBOMs and other artifacts that refer to this image'],
        icon: 'references',
        context: ['referrers'],
      };
  }
}

function summaryText(summary: ImageSummary | undefined, now: number): string | undefined {
  if (summary === undefined) return undefined;
  const what =
    summary.shape === 'index'
      ? counted(summary.platforms.length, 'platform')
      : summary.shape === 'artifact'
        ? summary.artifactType
        : summary.platforms[0];
  const size = summary.size === undefined ? undefined : formatBytes(summary.size);
  return [what, size, formatAge(summary.created, now)].filter((part) => part !== undefined).join(' · ');
}

function summaryLines(summary: ImageSummary | undefined): readonly string[] {
  if (summary === undefined) return [];
  return [
    summary.digest,
    summary.mediaType,
    ...(summary.artifactType === undefined ? [] : [summary.artifactType]),
    ...(summary.platforms.length === 0 ? [] : [summary.platforms.slice(0, 20).join(', ')]),
    ...(summary.size === undefined ? [] : [exactBytes(summary.size)]),
    ...(summary.created === undefined ? [] : [`Created ${summary.created}`]),
  ];
}

/** `42.0 MiB (44040192 bytes)`. */
function exactBytes(bytes: number): string {
  return bytes < 1024 ? formatBytes(bytes) : `${formatBytes(bytes)} (${bytes} bytes)`;
}

function countText(count: NameCount | undefined, one: string, many: string): string | undefined {
  if (count === undefined) return undefined;
  return `${count.known}${count.all ? '' : '+'} ${count.known === 1 && count.all ? one : many}`;
}

function referrerIcon(type: string): string {
  if (/sign|cosign|notary/i.test(type)) return 'verified';
  if (/spdx|cyclonedx|sbom/i.test(type)) return 'checklist';
  return /in-toto|attest|provenance/i.test(type) ? 'law' : 'package';
}
