import type { RecipeName } from '../../api.ts';

/** The names of a spec's members, by where they stand; media/gantry.schema.json describes each. */
export const specMembers = {
  spec: [
    'base',
    'platforms',
    'recipe',
    'project',
    'layers',
    'entrypoint',
    'cmd',
    'env',
    'workdir',
    'user',
    'ports',
    'volumes',
    'labels',
    'stopSignal',
    'healthcheck',
    'shell',
    'author',
    'annotations',
    'target',
    'tags',
    'compression',
    'sbom',
    'provenance',
    'created',
    'ignore',
  ],
  layer: ['name', 'platform', 'files'],
  file: ['from', 'to', 'mode', 'owner', 'include', 'exclude'],
  healthcheck: ['test', 'interval', 'timeout', 'startPeriod', 'startInterval', 'retries'],
  ignore: ['gitignore', 'dockerignore', 'secrets'],
} as const;

/** What other tools call the same, in lower case. */
export const otherNames: ReadonlyMap<string, string> = new Map([
  ['from', 'base'],
  ['image', 'target'],
  ['platform', 'platforms'],
  ['command', 'cmd'],
  ['environment', 'env'],
  ['expose', 'ports'],
  ['exposedports', 'ports'],
  ['workingdirectory', 'workdir'],
  ['working_dir', 'workdir'],
  ['creationtime', 'created'],
  ['stop_signal', 'stopSignal'],
  ['maintainer', 'author'],
]);

/** Every recipe. */
export const recipeNames = [
  'go',
  'rust',
  'java',
  'node',
  'deno',
  'bun',
  'python',
  'dotnet',
  'static-site',
  'binary',
  'folder',
] as const satisfies readonly RecipeName[];

export const compressions = ['gzip', 'zstd', 'none'] as const;
