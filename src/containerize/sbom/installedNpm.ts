import { isObject } from '../../oci/json.ts';
import { jsonObject } from './lockFile.ts';
import { npmPackage } from './npmPackage.ts';
import type { SbomPackage } from './sbomPackage.ts';

/** The installed package that a `node_modules/*\/package.json` is of; none for a folder without name or version. @throws OciError invalid-spec */
export function installedNpmPackages(text: string): readonly SbomPackage[] {
  const { name, version, license } = jsonObject(text, 'package.json');
  const licence = isObject(license) ? license['type'] : license;
  return npmPackage({ name, version, licence });
}
