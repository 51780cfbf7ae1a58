import { statSync } from 'node:fs';
import path from 'node:path';
import { createVSIX, listFiles, PackageManager } from '@vscode/vsce';
import { outDirectory, root } from './paths.ts';

/** Bytes the packed extension may have. */
const maxVsixBytes = 1 << 20;

/** What a file of the extension may be called. */
const allowed =
  /^(?:dist\/[\w-]+\.cjs|dist\/licenses\.txt|dist\/report\.js|media\/[\w./-]+\.(?:svg|png|md|css|json)|package\.json|package\.nls\.json|README\.md|CHANGELOG\.md|LICENSE)$/;

/** `npm run package`: builds, checks what would be shipped, and writes out/gantry.vsix. */
export async function main(): Promise<number> {
  const packagePath = path.join(outDirectory(), 'gantry.vsix');
  // Links of the README lead to files that are in the package.
  const readme = { rewriteRelativeLinks: false, allowMissingRepository: true };
  await createVSIX({ cwd: root, packagePath, dependencies: false, ...readme });
  const files = await listFiles({ cwd: root, packageManager: PackageManager.None });
  const wrong = unwanted(files.map((file) => file.replaceAll(path.sep, '/')));
  if (wrong.length > 0) throw new Error(`the package holds what must not be in it: ${wrong.join(', ')}`);
  const { size } = statSync(packagePath);
  if (size > maxVsixBytes) throw new Error(`the package has ${size} bytes, more than the ${maxVsixBytes} it may have`);
  console.log(`${packagePath}: ${files.length} files, ${(size / 1024).toFixed(0)} KB`);
  return 0;
}

/** The files of a list that are neither bundle, media nor documents: tests, sources, maps, keys. */
export function unwanted(files: readonly string[]): readonly string[] {
  return files.filter((file) => !allowed.test(file) || /\.map$|\.ts$/.test(file));
}
