import { purlOf } from './purl.ts';
import { plainLine, type SbomPackage, sbomPackage } from './sbomPackage.ts';

/** A distribution of the Python Package Index; none for what has no proper name and version. */
export function pythonPackage(name: unknown, version: unknown, licence?: string): readonly SbomPackage[] {
  const [known, release] = [plainLine(name), plainLine(version)];
  if (known === undefined || release === undefined || !/^[A-Za-z0-9][\w.-]*$/.test(known)) return [];
  return [sbomPackage(known, release, purlOf({ type: 'pypi', name: known, version: release }), { licence })];
}
