import { isObject, type JsonObject } from '../../oci/json.ts';
import { blockYaml } from './blockYaml.ts';
import { objectMembers, reachable } from './lockFile.ts';
import { isForLinux, npmPackage } from './npmPackage.ts';
import type { SbomPackage } from './sbomPackage.ts';

/**
 * What `pnpm install --prod` installs of a pnpm-lock.yaml (lockfile versions 5, 6 and 9).
 * @throws OciError invalid-spec
 */
export function pnpmLockPackages(text: string): readonly SbomPackage[] {
  const lock = blockYaml(text);
  const used = isObject(lock['snapshots']) ? productionKeys(lock) : undefined;
  return objectMembers(lock['packages']).flatMap(([key, entry]) => {
    if (entry['dev'] === true || !isForLinux(entry['os']) || used?.has(key) === false) return [];
    const id = packageId(key);
    const resolution = isObject(entry['resolution']) ? entry['resolution'] : {};
    const { integrity, tarball: resolved } = resolution;
    const [name, version] = [entry['name'] ?? id.name, entry['version'] ?? id.version];
    return npmPackage({ name, version, integrity, resolved });
  });
}

/** Of `/a/1.0.0_peer`, `/a@1.0.0(peer)`, `a@1.0.0`: the name and version. */
function packageId(key: string): { readonly name: string; readonly version: string } {
  const old = /^\/((?:@[^/]+\/)?[^/@]+)\/([^_/]+)/.exec(key);
  if (old !== null) return { name: old[1] ?? '', version: old[2] ?? '' };
  const bare = withoutPeers(key).replace(/^\//, '');
  const at = bare.indexOf('@', 1);
  return { name: bare.slice(0, Math.max(0, at)), version: bare.slice(at + 1) };
}

function withoutPeers(key: string): string {
  const bracket = key.indexOf('(');
  return bracket < 0 ? key : key.slice(0, bracket);
}

/** Version 9 says of no package whether it is for development only: what the projects need is followed. */
function productionKeys(lock: JsonObject): ReadonlySet<string> {
  const snapshots = new Map(objectMembers(lock['snapshots']));
  const roots = objectMembers(lock['importers']).flatMap(([, project]) => needs(project));
  const keys = reachable(roots, (key) => needs(snapshots.get(key) ?? {}));
  return new Set([...keys].map(withoutPeers));
}

function needs(node: JsonObject): readonly string[] {
  return [node['dependencies'], node['optionalDependencies']].flatMap((list) =>
    Object.entries(isObject(list) ? list : {}).flatMap(([name, wanted]) => {
      const version = isObject(wanted) ? wanted['version'] : wanted;
      if (typeof version !== 'string') return [];
      // An alias names the other package itself: `other@1.0.0`.
      return [/^(?:@[^/@(]+\/)?[^/@(:]+@/.test(version) ? version : `${name}@${version}`];
    }),
  );
}
