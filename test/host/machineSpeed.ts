import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Script } from 'node:vm';
import { stopwatch } from './activationCost.ts';

/** Milliseconds that a machine of two idle cores needs to compile the bundle. */
const nominal = 11;

/** How many times longer than an idle machine this one needs just now for the same work; 1 at least. */
export function slowness(extensionPath: string): number {
  const source = readFileSync(path.join(extensionPath, 'dist/extension.cjs'), 'utf8');
  const compiling = stopwatch();
  // A text that V8 has not compiled before, and does not keep.
  new Script(`(function(){${source}\n//${performance.now()}\n})`);
  return Math.max(1, compiling() / nominal);
}
