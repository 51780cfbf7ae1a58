/**
 * Makes images of a few projects on a machine of its own: with the umask, times, order of folders and place that its one
 * argument says. Prints the digests of images and SBOMs as JSON.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import type { ContainerizeOptions } from '../../src/api.ts';
import { seededNumbers } from '../support/seededImage.ts';

/** How one machine differs from another. */
export interface Machine {
  readonly folder: string;
  readonly checkout: string;
  readonly umask: number;
  readonly seed: number;
  /** Where images are written to. */
  readonly host: string;
  readonly names: readonly string[];
}

const machine = JSON.parse(process.argv[2] ?? '{}') as Machine;
const random = seededNumbers(machine.seed);
process.umask(machine.umask);
shuffleFolders();
// After the folders are shuffled, for everybody who reads them.
const { projectEngine } = await import('./projectEngine.ts');
const { sampleProjects, writeFiles } = await import('./sampleProjects.ts');

const engine = projectEngine(machine.folder);
const found: Record<string, unknown> = {};
for (const sample of sampleProjects.filter(({ recipe }) => machine.names.includes(recipe))) {
  const folder = path.join(machine.checkout, sample.recipe);
  sample.write(folder);
  await redate(folder);
  found[sample.recipe] = await make({ folder, ...sample.options }, sample.recipe);
}
const specFolder = path.join(machine.checkout, 'spec');
writeFiles(specFolder, {
  'gantry.yaml':
    'base: scratch\nlayers:\n  - name: app\n    files: [{ from: files, to: /srv }]\n  - name: more\n    files: [{ from: more, to: /more }]\n' +
    'cmd: [/srv/a]\n',
  ...Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`files/${at % 7}/${at}.txt`, `${at}`])),
  'more/tool!': '#!/bin/sh\n',
});
await redate(specFolder);
found['spec'] = await make({ spec: path.join(specFolder, 'gantry.yaml') }, 'spec');
await engine.close();
process.stdout.write(`${JSON.stringify(found)}\n`);

async function make(options: ContainerizeOptions, name: string): Promise<unknown> {
  const own: ContainerizeOptions = {
    base: 'scratch',
    target: `${machine.host}/${name}:1`,
    sbom: true,
    provenance: true,
    overwrite: true,
    force: true,
  };
  const { digest, layers, attached } = await engine.gantry.containerize({ ...own, ...options });
  return { digest, layers: layers.map((layer) => layer.digest), attached: attached.map((each) => each.digest) };
}

/** Gives everything below a folder a time of its own. */
async function redate(folder: string): Promise<void> {
  for (const name of await fs.readdir(folder, { recursive: true })) {
    const time = Math.floor(random() * 1e9);
    await fs.utimes(path.join(folder, name), time, time);
  }
}

/** Folders list what is in them in another order each time. */
function shuffleFolders(): void {
  const { readdir, opendir } = fs;
  const shuffled = async (...all: readonly unknown[]): Promise<unknown> => {
    const entries: unknown = await Reflect.apply(readdir, fs, all);
    if (!Array.isArray(entries)) return entries;
    return entries
      .map((entry: unknown) => ({ entry, key: random() }))
      .sort((a, b) => a.key - b.key)
      .map(({ entry }) => entry);
  };
  Object.assign(fs, { readdir: shuffled, opendir });
  syncBuiltinESMExports();
}
