import { isObject, type JsonObject } from '../../oci/json.ts';
import { plainJson } from '../plainJson.ts';
import { jsonObject, objectMembers, reachable } from './lockFile.ts';
import { isForLinux, npmPackage } from './npmPackage.ts';
import type { SbomPackage } from './sbomPackage.ts';

/** How deep packages lie in each other. */
const maxDepth = 50;

/** What `bun install --production` installs of Bun's bun.lock, text form. @throws OciError invalid-spec */
export function bunLockPackages(text: string): readonly SbomPackage[] {
  const { packages, workspaces } = jsonObject(plainJson(text), 'bun.lock');
  if (!isObject(packages)) return [];
  const used = isObject(workspaces) ? productionKeys(packages, workspaces) : undefined;
  return Object.entries(packages).flatMap(([key, entry]) => {
    if (!Array.isArray(entry) || used?.has(key) === false) return [];
    // [`name@version`, registry, facts, integrity]; git and tarballs have no registry.
    const parts: readonly unknown[] = entry;
    const [id, integrity] = [parts[0], parts.at(-1)];
    if (typeof id !== 'string' || !isForLinux(asList(factsOf(parts)['os']))) return [];
    const at = id.indexOf('@', 1);
    return at < 0 ? [] : npmPackage({ name: id.slice(0, at), version: id.slice(at + 1), integrity });
  });
}

/** The keys of what the projects need, and what that needs: a key is the way from the project's node_modules, `a/b`. */
function productionKeys(packages: JsonObject, workspaces: JsonObject): ReadonlySet<string> {
  const found = (names: readonly string[], from: string): readonly string[] =>
    names.flatMap((name) => nearest(packages, name, from) ?? []);
  const roots = objectMembers(workspaces).flatMap(([place, project]) => {
    const { name } = project;
    return found(needs(project), place === '' || typeof name !== 'string' ? '' : name);
  });
  return reachable(roots, (key) => {
    const facts = factsOf(packages[key]);
    return found([...needs(facts), ...peers(facts)], key);
  });
}

/** Where a package is found from another: in its own folder, else in those above. */
function nearest(packages: JsonObject, name: string, from: string): string | undefined {
  for (let [at, depth] = [from, 0]; at !== '' && depth < maxDepth; [at, depth] = [above(at), depth + 1]) {
    if (Object.hasOwn(packages, `${at}/${name}`)) return `${at}/${name}`;
  }
  return Object.hasOwn(packages, name) ? name : undefined;
}

/** Of `a/@s/b` `a`. */
function above(key: string): string {
  const end = key.lastIndexOf('/');
  const scope = key.lastIndexOf('/', end - 1);
  return key.slice(0, Math.max(0, key.charAt(scope + 1) === '@' ? scope : end));
}

function needs({ dependencies, optionalDependencies }: JsonObject): readonly string[] {
  return [dependencies, optionalDependencies].flatMap((list) => (isObject(list) ? Object.keys(list) : []));
}

/** Those that Bun installs for a package; optional ones are there only where another asks for them. */
function peers({ peerDependencies, optionalPeers }: JsonObject): readonly string[] {
  const optional = new Set<unknown>(Array.isArray(optionalPeers) ? optionalPeers : []);
  return isObject(peerDependencies) ? Object.keys(peerDependencies).filter((name) => !optional.has(name)) : [];
}

function factsOf(entry: unknown): JsonObject {
  const parts: readonly unknown[] = Array.isArray(entry) ? entry : [];
  return parts.find(isObject) ?? {};
}

function asList(os: unknown): unknown {
  return typeof os === 'string' ? [os] : os;
}
