import type { ImageSummary } from '../browse/imageDetails.ts';
import { referenceOf } from '../browse/nodes.ts';
import { formatPlace } from '../browse/places.ts';
import { counted, formatAge, formatBytes } from '../browse/text.ts';
import { briefDigest, exactBytes, type Facts, type NodeOf, type Parts } from './itemParts.ts';

const tagIcons = { image: 'tag', index: 'versions', artifact: 'package', unresolved: 'tag' };

/** Tags, platforms and referrers: whatever names a manifest. */
export function manifestParts(node: NodeOf<'tag' | 'platform' | 'referrer'>, facts: Facts): Parts {
  switch (node.kind) {
    case 'tag':
      return tagParts(node, facts);
    case 'platform':
      return platformParts(node, facts);
    case 'referrer':
      return referrerParts(node, facts);
  }
}

function tagParts(node: NodeOf<'tag'>, facts: Facts): Parts {
  return {
    type: 'tag',
    label: node.tag,
    description: summaryText(facts.summary, facts.now),
    tooltip: [referenceOf(node) ?? '', ...summaryLines(facts.summary)],
    icon: tagIcons[facts.summary?.shape ?? 'unresolved'],
    context: ['tag', ...tokens(facts)],
  };
}

function platformParts(node: NodeOf<'platform'>, facts: Facts): Parts {
  const short = briefDigest(node.descriptor.digest);
  const size = facts.summary?.size;
  return {
    type: 'platform',
    label: node.attestation ? 'Attestation' : node.label,
    description: size === undefined ? short : `${formatBytes(size)} · ${short}`,
    tooltip: manifestLines(node, facts),
    icon: node.attestation ? 'shield' : 'chip',
    context: ['manifest', 'platform', ...tokens(facts)],
  };
}

function referrerParts(node: NodeOf<'referrer'>, facts: Facts): Parts {
  const label = node.descriptor.artifactType ?? node.descriptor.mediaType;
  const created = node.descriptor.annotations?.['org.opencontainers.image.created'];
  const parts = [formatAge(created, facts.now), briefDigest(node.descriptor.digest)];
  return {
    type: 'referrer',
    label,
    description: parts.filter((part) => part !== undefined).join(' · '),
    tooltip: manifestLines(node, facts),
    icon: referrerIcon(label),
    context: ['manifest', 'referrer', ...tokens(facts)],
  };
}

function tokens({ summary, writable }: Facts): readonly string[] {
  return [summary?.shape ?? 'unresolved', writable ? 'writable' : ''];
}

function manifestLines(node: NodeOf<'platform' | 'referrer'>, { summary }: Facts): readonly string[] {
  const lines = summary === undefined ? [node.descriptor.digest, node.descriptor.mediaType] : summaryLines(summary);
  const { registry, repository } = node;
  return [formatPlace({ registry, repository }), ...lines];
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

function referrerIcon(type: string): string {
  if (/sign|cosign|notary/i.test(type)) return 'verified';
  if (/spdx|cyclonedx|sbom/i.test(type)) return 'checklist';
  return /in-toto|attest|provenance/i.test(type) ? 'law' : 'package';
}
