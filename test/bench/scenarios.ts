import path from 'node:path';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { createEngine } from '../harness/engine.ts';
import { type RunningRegistry, startDockerRegistry } from '../support/dockerRegistry.ts';
import type { Job } from './contenders.ts';
import { writeRandomImage } from './material.ts';

const MiB = 1 << 20;

/** One thing to measure. */
export interface Scenario {
  readonly title: string;
  /** Makes what one run needs; nothing of it is timed. */
  prepare(contender: string, round: number): Promise<Prepared>;
}

export interface Prepared {
  readonly job: Job;
  /** Removes what `prepare` made. */
  done(): Promise<void>;
}

/** The registries and files that the scenarios of one bench share. */
export interface Stage {
  readonly scenarios: readonly Scenario[];
  close(): Promise<void>;
}

export const nothing = (): Promise<void> => Promise.resolve();

/** Sets up everything for copies below a directory. */
export async function setCopyStage(directory: string): Promise<Stage> {
  const source = await startDockerRegistry();
  const target = await startDockerRegistry();
  const [farSource, farTarget] = [await startFar(source), await startFar(target)];
  await seed(directory, 'big', 8, 64 * MiB, source);
  await seed(directory, 'many', 20, MiB, source);
  const big = `${source.host}/big:bench`;
  await createEngine().copyImage({ source: big, target: `${target.host}/again:bench` });
  const copies = (title: string, from: string, to: (name: string) => string): Scenario => ({
    title,
    prepare: async (contender, round) => ({
      job: { kind: 'copy', source: from, target: to(`${contender}-${round}`) },
      done: nothing,
    }),
  });
  return {
    scenarios: [
      coldCopy(big),
      copies('the same image again', big, () => `${target.host}/again:bench`),
      copies('promotion inside one registry', big, (name) => `${source.host}/prod/${name}:bench`),
      copies(
        '20 layers of 1 MiB, 50 ms away',
        `${farSource.host}/many:bench`,
        (name) => `${farTarget.host}/far/${name}:bench`,
      ),
    ],
    close: async () => {
      farSource.stop();
      farTarget.stop();
      await Promise.all([source.stop(), target.stop()]);
    },
  };
}

/** A registry that has never seen the image, each time. */
function coldCopy(source: string): Scenario {
  return {
    title: 'cold copy of 512 MB',
    prepare: async () => {
      const fresh = await startDockerRegistry();
      return { job: { kind: 'copy', source, target: `${fresh.host}/big:bench` }, done: () => fresh.stop() };
    },
  };
}

/** Puts an image of random bytes, tagged `bench`, into a registry. */
export async function seed(
  directory: string,
  name: string,
  count: number,
  size: number,
  registry: RunningRegistry,
): Promise<void> {
  const layout = path.join(directory, name);
  await writeRandomImage(layout, count, size);
  await createEngine().copyImage({ source: `oci:${layout}:bench`, target: `${registry.host}/${name}:bench` });
}

async function startFar(registry: RunningRegistry): Promise<{ readonly host: string; stop(): void }> {
  const script = path.join(import.meta.dirname, 'delayProxy.ts');
  const port = registry.host.slice(registry.host.lastIndexOf(':') + 1);
  const child = spawn(process.execPath, [script, port, '25'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { host: `127.0.0.1:${line.toString().trim()}`, stop: () => void child.kill('SIGKILL') };
}
