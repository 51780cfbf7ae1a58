import { cpSync, rmSync } from 'node:fs';
import { outPath, sampleWorkspace } from './paths.ts';

/** A fresh copy of the sample workspace below out/: what is done in a window must not change the project. */
export function copySample(name: string): string {
  const folder = outPath(name, 'workspace');
  rmSync(folder, { recursive: true, force: true });
  cpSync(sampleWorkspace, folder, { recursive: true });
  return folder;
}
