import type { RegistryAccess } from './access.ts';
import type {
  LoadMoreNode,
  NamespaceNode,
  PinnedNode,
  RegistryNode,
  RepositoryNode,
  TagNode,
  TreeNode,
} from './nodes.ts';
import { lastSegment, pathLevel } from './pathTree.ts';

/** The node of a registry. */
export function registryNode(access: RegistryAccess): RegistryNode {
  return {
    kind: 'registry',
    id: `R:${access.name}`,
    registry: access.name,
    ...(access.alias === undefined ? {} : { alias: access.alias }),
    local: access.local === true,
    insecure: access.insecure === true,
    readOnly: access.readOnly === true,
  };
}

/** Namespaces and repositories directly below `path`; with `grouped` false every name in full. */
export function repositoryNodes(
  registry: string,
  names: readonly string[],
  path: string,
  { grouped }: { readonly grouped: boolean },
): readonly (NamespaceNode | RepositoryNode)[] {
  if (!grouped) return names.map((name) => repositoryNode(`R:${registry}`, registry, name, name));
  const { namespaces, repositories } = pathLevel(names, path);
  return [
    ...[...namespaces.keys()].map((below) => namespaceNode(registry, below, lastSegment(below))),
    ...repositories.map((name) => repositoryNode(`R:${registry}`, registry, name, lastSegment(name))),
  ];
}

/** A namespace; `label` is its path without what stands above it already. */
export function namespaceNode(registry: string, path: string, label: string): NamespaceNode {
  return { kind: 'namespace', id: `R:${registry}/ns:${path}`, registry, path, label };
}

function repositoryNode(base: string, registry: string, repository: string, label: string): RepositoryNode {
  return { kind: 'repository', id: `${base}/repo:${repository}`, registry, repository, label, pinned: false };
}

/** The group of repositories that were opened by name. */
export function pinnedNode(registry: string): PinnedNode {
  return { kind: 'pinned', id: `R:${registry}/pin`, registry };
}

/** One repository of that group; its id is another than the one in the catalogue. */
export function pinnedRepository(group: PinnedNode, repository: string): RepositoryNode {
  return { ...repositoryNode(group.id, group.registry, repository, repository), pinned: true };
}

export function tagNode({ id, registry, repository }: RepositoryNode, tag: string): TagNode {
  return { kind: 'tag', id: `${id}/tag:${tag}`, registry, repository, tag };
}

export function loadMoreNode({ id, registry }: TreeNode, shown: number): LoadMoreNode {
  return { kind: 'loadMore', id: `${id}/more`, registry, shown };
}

/** Stands where a list has nothing. */
export function emptyNode({ id, registry }: TreeNode, message: string): TreeNode {
  return { kind: 'empty', id: `${id}/empty`, registry, message };
}

/** Stands where a registry does not say what it has: a click opens an image by its name. */
export function unlistedNode(parent: TreeNode, message: string): TreeNode {
  return { kind: 'empty', id: `${parent.id}/empty`, registry: parent.registry, message, fix: 'openImage' };
}

/** Stands where a filter leaves nothing: a click clears it. */
export function noMatchNode(parent: TreeNode, message: string): TreeNode {
  return { kind: 'empty', id: `${parent.id}/empty`, registry: parent.registry, message, fix: 'clearFilter' };
}
