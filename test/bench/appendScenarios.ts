import path from 'node:path';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { writeFolder } from './material.ts';
import { nothing, type Scenario, seed, type Stage } from './scenarios.ts';

const MiB = 1 << 20;

/** Sets up everything for appends below a directory. */
export async function setAppendStage(directory: string): Promise<Stage> {
  const registry = await startDockerRegistry();
  await seed(directory, 'base', 1, 5 * MiB, registry);
  const folder = path.join(directory, 'folder');
  await writeFolder(folder, 10_000, 50_000);
  const append = (title: string, compression: 'gzip' | 'zstd'): Scenario => ({
    title,
    // A repository of its own each time: none has the layer yet.
    prepare: async (contender, round) => ({
      job: {
        kind: 'append',
        base: `${registry.host}/base:bench`,
        folder,
        target: `${registry.host}/${compression}/${contender}-${round}:bench`,
        compression,
      },
      done: nothing,
    }),
  });
  return {
    scenarios: [
      append('append 500 MB in 10,000 files', 'gzip'),
      append('append the same, Gantry with zstd, peers with gzip', 'zstd'),
    ],
    close: () => registry.stop(),
  };
}
