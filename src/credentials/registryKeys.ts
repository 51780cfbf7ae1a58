import { isIPv6 } from 'node:net';
import { isOciError } from '../errors.ts';
import { parseRegistry } from '../oci/reference.ts';

/** Docker Hub's key in every credential file and helper. */
const dockerHubKey = 'https://index.docker.io/v1/';

/** What a key of a credential file stands for. */
export interface RegistryKey {
  /** As Reference.registry, the default port of https left out. */
  readonly registry: string;
  /** A namespace or repository that the key is limited to; `''` for the whole registry. */
  readonly namespace: string;
}

/** Reads a key such as `https://host/v1/`, `HOST:443` or `host/namespace`; undefined where it names no registry. */
export function parseRegistryKey(key: string): RegistryKey | undefined {
  const bare = key.trim().replace(/^https?:\/\//i, '');
  const slash = bare.indexOf('/');
  const host = slash < 0 ? bare : bare.slice(0, slash);
  const path = slash < 0 ? '' : bare.slice(slash + 1).replace(/(?<!\/)\/+$/, '');
  const registry = normalizeRegistry(isIPv6(host) ? `[${host}]` : host);
  if (registry === undefined) return undefined;
  return { registry, namespace: path === 'v1' || path === 'v2' ? '' : path };
}

/** One spelling for every name of a registry; undefined where the text is none. */
function normalizeRegistry(text: string): string | undefined {
  try {
    return parseRegistry(text.replace(/:443$/, ''));
  } catch (error) {
    if (isOciError(error)) return undefined;
    throw error;
  }
}

/**
 * The keys that hold for a repository, most specific first: `host/team/app`, `host/team`, `host`.
 * Among keys of one meaning the plain host name comes before legacy spellings.
 */
export function matchingKeys(keys: Iterable<string>, registry: string, repository: string | undefined): string[] {
  const wanted = normalizeRegistry(registry);
  const found: { key: string; namespace: string }[] = [];
  for (const key of keys) {
    const parsed = parseRegistryKey(key);
    if (parsed === undefined || parsed.registry !== wanted) continue;
    if (covers(parsed.namespace, repository)) found.push({ key, namespace: parsed.namespace });
  }
  const exact = helperServer(registry);
  const rank = (key: string): number => (key === exact || key === registry ? 0 : 1);
  return found
    .sort((a, b) => b.namespace.length - a.namespace.length || rank(a.key) - rank(b.key))
    .map(({ key }) => key);
}

function covers(namespace: string, repository: string | undefined): boolean {
  return namespace === '' || repository === namespace || (repository?.startsWith(`${namespace}/`) ?? false);
}

/** What a credential helper is asked for: the registry's name, and for Docker Hub its historical address. */
export function helperServer(registry: string): string {
  return registry === 'docker.io' ? dockerHubKey : registry;
}
