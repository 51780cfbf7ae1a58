import type { GoDependency, GoDescription } from '../../api.ts';
import { purlOf } from './purl.ts';
import { plainLine, type SbomPackage, sbomPackage } from './sbomPackage.ts';

/** The modules of a Go program, and Go's own library as the module `stdlib`. */
export function goPackages({ version, dependencies }: GoDescription): readonly SbomPackage[] {
  const release = /^go(\d[\w.-]*)/.exec(version)?.[1];
  const library = release === undefined ? [] : [sbomPackage('stdlib', release, goPurl('stdlib', release))];
  return [...library, ...dependencies.flatMap(modulePackage)];
}

function modulePackage(dependency: GoDependency): readonly SbomPackage[] {
  const { path, version, sum, replaces } = dependency;
  if (plainLine(path) === undefined) return [];
  // A folder has no name that means anything to others: the module whose place it took has.
  if (isFolder(path)) return replaces === undefined ? [] : localModule(replaces);
  const notes = [
    ...(sum === undefined ? [] : [`Its checksum in go.sum is ${sum}.`]),
    ...(replaces === undefined ? [] : [`It was built in place of ${replaces}.`]),
  ];
  const comment = plainLine(notes.join(' '));
  return [sbomPackage(path, version, goPurl(path, version), { comment })];
}

function localModule(replaced: string): readonly SbomPackage[] {
  const at = replaced.lastIndexOf('@');
  const [path, version] = [replaced.slice(0, at), replaced.slice(at + 1)];
  const comment = 'A folder of the machine that built it was used in its place.';
  return [sbomPackage(path, version, goPurl(path, version), { comment })];
}

function isFolder(path: string): boolean {
  return /^(?:\.{0,2}[/\\]|\.{1,2}$|[A-Za-z]:[/\\])/.test(path);
}

function goPurl(path: string, version: string): string {
  const slash = path.lastIndexOf('/');
  return purlOf({ type: 'golang', namespace: path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1), version });
}
