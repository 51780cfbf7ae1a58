import { jsonObject, objectMembers } from './lockFile.ts';
import { purlOf } from './purl.ts';
import { plainLine, type SbomPackage, sbomPackage } from './sbomPackage.ts';

/** The packages that a published .NET program needs, by its `*.deps.json`. @throws OciError invalid-spec */
export function depsJsonPackages(text: string): readonly SbomPackage[] {
  return objectMembers(jsonObject(text, 'deps.json')['libraries']).flatMap(([key, { type }]) => {
    const slash = key.indexOf('/');
    const isPackage = type === 'package' || type === 'runtimepack';
    if (slash < 0 || !isPackage) return [];
    return nugetPackage(key.slice(0, slash).replace(/^runtimepack\./, ''), key.slice(slash + 1));
  });
}

/** The packages of NuGet's packages.lock.json, for all its frameworks. @throws OciError invalid-spec */
export function nugetLockPackages(text: string): readonly SbomPackage[] {
  const { dependencies } = jsonObject(text, 'packages.lock.json');
  return objectMembers(dependencies).flatMap(([, framework]) =>
    objectMembers(framework).flatMap(([name, { type, resolved }]) =>
      type === 'Project' ? [] : nugetPackage(name, resolved),
    ),
  );
}

function nugetPackage(name: unknown, version: unknown): readonly SbomPackage[] {
  const [known, release] = [plainLine(name), plainLine(version)];
  if (known === undefined || release === undefined) return [];
  return [sbomPackage(known, release, purlOf({ type: 'nuget', name: known, version: release }))];
}
