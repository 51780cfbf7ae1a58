import type { NameCount } from '../browse/browser.ts';
import type { Facts, NodeOf, Parts } from './itemParts.ts';

/** Registries and what their names make of them: groups, namespaces and repositories. */
export function nameParts(node: NodeOf<'registry' | 'pinned' | 'namespace' | 'repository'>, facts: Facts): Parts {
  switch (node.kind) {
    case 'registry':
      return registryParts(node);
    case 'pinned':
      return { type: 'group', label: 'Opened', icon: 'pinned', context: ['pinned'] };
    case 'namespace':
      return {
        type: 'namespace',
        label: node.label,
        description: countText(facts.count, 'repository', 'repositories'),
        tooltip: [`${node.registry}/${node.path}`],
        icon: 'folder-library',
        context: ['namespace'],
      };
    case 'repository':
      return {
        type: 'repository',
        label: node.label,
        description: countText(facts.count, 'tag', 'tags'),
        tooltip: [`${node.registry}/${node.repository}`],
        icon: 'repo',
        context: ['repo', node.pinned ? 'pinned' : '', facts.writable ? 'writable' : ''],
      };
  }
}

function registryParts(node: NodeOf<'registry'>): Parts {
  const notes = [
    node.alias === undefined ? '' : node.registry,
    node.insecure ? 'insecure' : '',
    node.readOnly ? 'read-only' : '',
  ];
  return {
    type: node.local ? 'local registry' : 'registry',
    label: node.alias ?? node.registry,
    description: notes.filter((note) => note !== '').join(' · '),
    tooltip: [node.registry, ...(node.insecure ? ['Its certificate is not checked, or it speaks plain HTTP.'] : [])],
    icon: node.local ? 'device-desktop' : 'server',
    context: ['registry', node.local ? 'local' : '', node.insecure ? 'insecure' : '', node.readOnly ? 'readonly' : ''],
  };
}

function countText(count: NameCount | undefined, one: string, many: string): string | undefined {
  if (count === undefined) return undefined;
  return `${count.known}${count.all ? '' : '+'} ${count.known === 1 && count.all ? one : many}`;
}
