import { isObject } from '../../oci/json.ts';
import { plainJson } from '../plainJson.ts';
import { jsonObject } from './lockFile.ts';
import { isForLinux, npmPackage } from './npmPackage.ts';
import type { SbomPackage } from './sbomPackage.ts';

/**
 * The packages of Bun's bun.lock, text form. It does not say which are for development only: all are given.
 * @throws OciError invalid-spec
 */
export function bunLockPackages(text: string): readonly SbomPackage[] {
  const { packages } = jsonObject(plainJson(text), 'bun.lock');
  if (!isObject(packages)) return [];
  return Object.values(packages).flatMap((entry) => {
    if (!Array.isArray(entry)) return [];
    // [`name@version`, registry, facts, integrity]; git and tarballs have no registry.
    const parts: readonly unknown[] = entry;
    const [id, facts, integrity] = [parts[0], parts.find(isObject), parts.at(-1)];
    if (typeof id !== 'string' || !isForLinux(asList(facts?.['os']))) return [];
    const at = id.indexOf('@', 1);
    return at < 0 ? [] : npmPackage({ name: id.slice(0, at), version: id.slice(at + 1), integrity });
  });
}

function asList(os: unknown): unknown {
  return typeof os === 'string' ? [os] : os;
}
