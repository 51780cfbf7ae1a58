import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { createEngine } from '../harness/engine.ts';
import { startDockerRegistry } from '../support/dockerRegistry.ts';
import { withTempDir } from '../support/tempDir.ts';
import { findTool } from '../support/tools.ts';
import { startCountingProxy } from './countingProxy.ts';
import { estargzLayer, gzipLayer, programFiles, type WriteLayer, writeLayerImage } from './layerMaterial.ts';

const execute = promisify(execFile);
const MiB = 1 << 20;
const GiB = 1 << 30;

export interface ListingJob {
  /** Listed first and not measured: an extension host has done something before, too. */
  readonly warmUp: string;
  readonly image: string;
  /** A folder that is empty at first. */
  readonly cache: string;
  readonly cacheBytes: number;
  /** The file that is opened when the layer is listed. */
  readonly file: string;
}

/** Times in milliseconds, memory in bytes. */
export interface ListingRun {
  readonly entries: number;
  readonly listed: number;
  /** From the first byte of the blob to the first entries. */
  readonly first: number;
  /** In a new session, from the disk. */
  readonly again: number;
  /** Opening one file. */
  readonly opened: number;
  /** Growth while listing. */
  readonly memory: number;
  /** 95th percentile of the event loop's delay while listing. */
  readonly delay: number;
}

/** One figure with its bound. */
export interface Figure {
  readonly title: string;
  readonly value: number;
  readonly limit: number;
  readonly unit: 'ms' | 'bytes' | 'requests' | 'MiB' | '×' | '%';
}

/** `list`: a gzip layer of 1 GB in 100,000 files, beside `curl | tar`; medians. */
export async function benchList(rounds: number): Promise<readonly Figure[]> {
  return withImage(gzipLayer(programFiles(100_000, bytesOfFile)), async ({ host, directory, blob }) => {
    const runs: ListingRun[] = [];
    const peers: number[] = [];
    for (let round = 0; round < rounds; round++) {
      runs.push(await runListing({ ...jobOf(host), cache: path.join(directory, `cache${round}`) }));
      peers.push(await curlTar(`http://${host}/v2/layer/blobs/${blob}`));
    }
    const ours = middle(runs.map(({ listed }) => listed));
    const theirs = middle(peers);
    console.log(`Gantry ${seconds(runs.map(({ listed }) => listed))}; curl | tar tz ${seconds(peers)}`);
    console.log(`Opening the 5,000th file takes ${middle(runs.map(({ opened }) => opened)).toFixed(0)} ms.`);
    return [
      { title: 'listing, in times of curl | tar', value: ours / theirs, limit: 1.3, unit: '×' },
      {
        title: 'first entries after the first byte',
        value: middle(runs.map(({ first }) => first)),
        limit: 1000,
        unit: 'ms',
      },
      { title: 'memory growth', value: middle(runs.map(({ memory }) => memory)) / MiB, limit: 128, unit: 'MiB' },
      { title: 'event-loop delay p95', value: middle(runs.map(({ delay }) => delay)), limit: 20, unit: 'ms' },
      { title: 'listing again, from the disk', value: middle(runs.map(({ again }) => again)), limit: 100, unit: 'ms' },
    ];
  });
}

/** `range`: a file of 2 KB of an eStargz layer of 1 GB in 10,000 files, with nothing cached. */
export async function benchRange(): Promise<readonly Figure[]> {
  const files = programFiles(10_000, (index) => (index === 5000 ? 2048 : 100_000));
  return withImage(estargzLayer(files), async ({ host, directory, size }) => {
    const proxy = await startCountingProxy(host);
    try {
      const job = { ...jobOf(proxy.host), cache: path.join(directory, 'cache'), cacheBytes: 0 };
      const run = await runListing({ ...job, warmUp: `${host}/warm:bench` });
      // The second listing has no cache either, so it reads the table of contents again.
      const moved = proxy.take();
      console.log(
        `Layer ${size} bytes, moved ${moved}; listed in ${run.listed.toFixed(0)} ms, opened in ${run.opened.toFixed(0)} ms`,
      );
      return [{ title: 'bytes moved to list twice and open 2 KB', value: (100 * moved) / size, limit: 1, unit: '%' }];
    } finally {
      proxy.stop();
    }
  });
}

/** The figures as a table, and in the second half of the result the lines of those beyond their bounds. */
export function figureTable(figures: readonly Figure[]): {
  readonly table: string;
  readonly missed: readonly string[];
} {
  const width = Math.max(...figures.map(({ title }) => title.length));
  const lines = figures.map(
    ({ title, value, limit, unit }) =>
      `${title.padEnd(width)}  ${value.toFixed(2).padStart(9)} ${unit}  (at most ${limit})`,
  );
  const missed = figures
    .filter(({ value, limit }) => !(value <= limit))
    .map(({ title, value, limit, unit }) => `${title}: ${value.toFixed(2)} ${unit}, not ${limit} or less`);
  return { table: lines.join('\n'), missed };
}

interface Stage {
  readonly host: string;
  readonly directory: string;
  /** The layer's digest and its size in bytes. */
  readonly blob: string;
  readonly size: number;
}

async function withImage<T>(write: WriteLayer, action: (stage: Stage) => Promise<T>): Promise<T> {
  return withTempDir(async (directory) => {
    const registry = await startDockerRegistry();
    try {
      const put = async (name: string, layer: WriteLayer): Promise<Descriptor> => {
        const layout = path.join(directory, name);
        const descriptor = await writeLayerImage(layout, layer);
        await createEngine().copyImage({ source: `oci:${layout}:bench`, target: `${registry.host}/${name}:bench` });
        return descriptor;
      };
      await put('warm', gzipLayer(programFiles(5000, bytesOfFile)));
      const { digest, size } = await put('layer', write);
      return await action({ host: registry.host, directory, blob: digest, size });
    } finally {
      await registry.stop();
    }
  });
}

function jobOf(host: string): Omit<ListingJob, 'cache'> {
  return {
    warmUp: `${host}/warm:bench`,
    image: `${host}/layer:bench`,
    cacheBytes: 2 * GiB,
    file: 'usr/share/d50/file5000.txt',
  };
}

async function runListing(job: ListingJob): Promise<ListingRun> {
  const script = path.join(import.meta.dirname, 'listingRun.ts');
  const { stdout } = await execute(process.execPath, [script, JSON.stringify(job)]);
  return JSON.parse(stdout) as ListingRun;
}

async function curlTar(url: string): Promise<number> {
  for (const tool of ['curl', 'tar']) if (findTool(tool) === undefined) throw new Error(`${tool} is not on PATH`);
  const start = performance.now();
  await execute('bash', ['-c', 'set -o pipefail; curl -sf "$1" | tar tz > /dev/null', 'bash', url]);
  return performance.now() - start;
}

/** About 10 KB on average: 1 GB in 100,000 files. */
function bytesOfFile(index: number): number {
  return 500 + ((index * 7919) % 19_000);
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function seconds(values: readonly number[]): string {
  return values.map((value) => (value / 1000).toFixed(2)).join(' ');
}
