import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ContainerizeOptions, ContainerizeResult, GantryApi } from '../../src/api.ts';
import type { BuildStep } from '../../src/containerize/recipes/recipe.ts';
import type { Io } from '../../src/content/store.ts';
import { OciError } from '../../src/errors.ts';
import type { RequestRecord } from '../../src/registry/http.ts';
import { defaultNetwork } from '../../src/registry/options.ts';
import { createGantry } from '../../src/verbs/createGantry.ts';
import { specTextVerb } from '../../src/verbs/specText.ts';
import { Stores } from '../../src/verbs/stores.ts';
import type { VerbContext } from '../../src/verbs/verb.ts';
import { testLayers } from '../support/layers.ts';

const run = promisify(execFile);

/** The verbs with a tool chain: builds run as child processes of the test. */
export interface ProjectEngine {
  readonly gantry: GantryApi;
  readonly context: VerbContext;
  /** Every request, the oldest first. */
  readonly requests: readonly RequestRecord[];
  /** Titles of the steps that were run, the oldest first. */
  readonly built: readonly string[];
  /** Milliseconds that builds have taken. */
  buildTime(): number;
  specText(options: ContainerizeOptions, inFolder: string): Promise<string>;
  /** What is left in the folder for layers that are being packed. */
  leftovers(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** An engine that keeps everything in one folder. `more` counts more than what it has of itself. */
export function projectEngine(folder: string, more: Partial<VerbContext> = {}): ProjectEngine {
  const requests: RequestRecord[] = [];
  const built: string[] = [];
  let time = 0;
  const temporary = path.join(folder, 'storage/temporary');
  const stores = new Stores({
    registries: () => [],
    network: () => defaultNetwork,
    credentials: { find: () => Promise.resolve(undefined) },
    temporary,
    log: (record) => requests.push(record),
  });
  const context: VerbContext = {
    stores,
    layers: testLayers(path.join(folder, 'cache')),
    platforms: () => ['linux/amd64'],
    compression: () => 'gzip',
    temporary,
    epoch: 0,
    version: '1.0.0-test',
    runBuild: async (step, io) => {
      const start = performance.now();
      built.push(step.title);
      await runStep(step, io);
      time += performance.now() - start;
    },
    ...more,
  };
  return {
    gantry: createGantry(context),
    context,
    requests,
    built,
    buildTime: () => time,
    specText: (options, inFolder) => {
      const io = { signal: AbortSignal.timeout(20_000) };
      return specTextVerb({ ...options, inFolder }, context, {}, io);
    },
    leftovers: () => readdir(temporary).catch(() => []),
    close: () => stores.close(),
  };
}

async function runStep({ command, args, directory, env, title }: BuildStep, { signal }: Io): Promise<void> {
  try {
    const own = { GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=auto' };
    await run(command, args, { cwd: directory, env: { ...process.env, ...own, ...env }, signal, maxBuffer: 16 << 20 });
  } catch (cause) {
    signal.throwIfAborted();
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause);
    throw new OciError('helper-failed', `${title} failed: ${said}`, { cause });
  }
}

/** A result without what only a real run has: equal for a plan and what it becomes. */
export function planOf(made: ContainerizeResult): ContainerizeResult {
  return { ...made, attached: [] };
}

/** The names of the layers that were not there before. */
export function newLayers({ layers }: ContainerizeResult): readonly string[] {
  return layers.filter(({ reused }) => !reused).map(({ name }) => name);
}
