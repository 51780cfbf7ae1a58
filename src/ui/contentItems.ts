import { formatBytes } from '../browse/text.ts';
import { briefDigest, exactBytes, type NodeOf, type Parts } from './itemParts.ts';

/** What stands in an image: config, layers and what refers to it. */
export function contentParts(node: NodeOf<'config' | 'layers' | 'layer' | 'referrers'>): Parts {
  switch (node.kind) {
    case 'config':
      return configParts(node);
    case 'layers':
      return {
        type: 'group',
        label: node.artifact ? 'Blobs' : 'Layers',
        description: `${node.count} · ${formatBytes(node.size)}`,
        tooltip: [`${exactBytes(node.size)} as stored`],
        icon: 'layers',
        context: ['layers', node.artifact ? 'artifact' : ''],
      };
    case 'layer':
      return layerParts(node);
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

function configParts({ descriptor }: NodeOf<'config'>): Parts {
  return {
    type: 'document',
    label: 'Config',
    description: `${formatBytes(descriptor.size)} · ${briefDigest(descriptor.digest)}`,
    tooltip: [descriptor.mediaType, descriptor.digest],
    icon: 'settings-gear',
    context: ['config'],
    expands: false,
    command: 'gantry.openConfig',
  };
}

function layerParts({ descriptor, position, createdBy, artifact }: NodeOf<'layer'>): Parts {
  return {
    type: 'layer',
    label: `#${position} ${createdBy === undefined ? descriptor.mediaType : instruction(createdBy)}`.slice(0, 160),
    description: `${formatBytes(descriptor.size)} · ${briefDigest(descriptor.digest)}`,
    tooltip: [
      createdBy ?? 'No history line',
      descriptor.mediaType,
      descriptor.digest,
      `${exactBytes(descriptor.size)} as stored`,
    ],
    icon: 'file-zip',
    context: ['layer', artifact ? '' : 'files'],
    ...(artifact ? { expands: false } : {}),
  };
}

/** A history line as it stood in the Dockerfile: without what the builder put around it. */
export function instruction(createdBy: string): string {
  return createdBy
    .slice(0, 1000)
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^(?:RUN )?\/bin\/sh -c /, 'RUN ')
    .replace(/ # buildkit$/, '');
}
