import path from 'node:path';
import { bunLockPackages } from './bunLock.ts';
import { cargoLockPackages } from './cargoLock.ts';
import { installedNpmPackages } from './installedNpm.ts';
import { npmLockPackages, npmTreePackages } from './npmLock.ts';
import { depsJsonPackages, nugetLockPackages } from './nugetLocks.ts';
import { pnpmLockPackages } from './pnpmLock.ts';
import {
  distInfoPackages,
  pipfileLockPackages,
  poetryLockPackages,
  requirementsPackages,
  uvLockPackages,
} from './pythonLocks.ts';
import type { SbomPackage } from './sbomPackage.ts';
import { yarnLockPackages } from './yarnLock.ts';

/** Reads the text of a file that names packages. @throws OciError invalid-spec */
export type LockParser = (text: string) => readonly SbomPackage[];

const byName: ReadonlyMap<string, LockParser> = new Map([
  ['package-lock.json', npmLockPackages],
  ['npm-shrinkwrap.json', npmLockPackages],
  ['.package-lock.json', npmTreePackages],
  ['package.json', installedNpmPackages],
  ['pnpm-lock.yaml', pnpmLockPackages],
  ['yarn.lock', yarnLockPackages],
  ['bun.lock', bunLockPackages],
  ['Cargo.lock', cargoLockPackages],
  ['poetry.lock', poetryLockPackages],
  ['uv.lock', uvLockPackages],
  ['Pipfile.lock', pipfileLockPackages],
  ['METADATA', distInfoPackages],
  ['packages.lock.json', nugetLockPackages],
]);

/** What reads a file of this name; undefined for other files. */
export function lockParser(file: string): LockParser | undefined {
  const name = path.basename(file);
  if (name.endsWith('.deps.json')) return depsJsonPackages;
  if (/^requirements[\w.-]*\.txt$/.test(name)) return requirementsPackages;
  return byName.get(name);
}
