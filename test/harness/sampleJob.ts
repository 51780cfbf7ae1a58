import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { AppendLayerResult, CopyImageResult } from '../../src/api.ts';
import { LocalRegistry } from '../../src/serve/localRegistry.ts';
import { createEngine } from './engine.ts';
import { sampleWorkspace } from './paths.ts';
import type { Settings } from './vscodeServer.ts';

/** What the main job came to. */
export interface SampleJob {
  /** The local registry's port: VS Code's takes it over. */
  readonly port: number;
  readonly containerized: AppendLayerResult;
  readonly promoted: CopyImageResult;
}

/** Where the sample's registry keeps its images, and the port it takes where that is free. */
export interface SampleRegistry {
  readonly directory: string;
  readonly port?: number;
}

/**
 * Runs the main job in the local registry of a directory, which is emptied before: the sample program becomes an image in
 * dev/, and dev/ is copied to prod/. The registry is stopped again: VS Code starts its own over the same directory.
 */
export async function runSampleJob({ directory, port: wanted }: SampleRegistry): Promise<SampleJob> {
  await rm(directory, { recursive: true, force: true });
  const registry = new LocalRegistry({ directory, ...(wanted === undefined ? {} : { port: wanted }) });
  const { host, port } = await registry.start();
  try {
    const gantry = createEngine();
    const containerized = await gantry.appendLayer({
      base: 'scratch',
      target: `${host}/dev/hello:1.0`,
      files: [
        { from: path.join(sampleWorkspace, 'hello.sh'), to: '/usr/local/bin/hello', mode: '0755' },
        { from: path.join(sampleWorkspace, 'site'), to: '/srv/site' },
      ],
      config: {
        entrypoint: ['/bin/sh', '/usr/local/bin/hello'],
        labels: { 'org.opencontainers.image.title': 'hello' },
      },
    });
    const promoted = await gantry.copyImage({ source: `${host}/dev/hello:1.0`, target: `${host}/prod/hello:1.0` });
    return { port, containerized, promoted };
  } finally {
    await registry.close();
  }
}

/** The machine settings with which VS Code serves what the job made. */
export function sampleSettings({ directory }: SampleRegistry, { port }: SampleJob): Settings {
  return { 'gantry.localRegistry.directory': directory, 'gantry.localRegistry.port': port };
}

/** What the job did, for a person. @throws Error where the copy is not the image that was made */
export function describeJob({ containerized, promoted }: SampleJob): readonly string[] {
  if (promoted.digest !== containerized.digest) {
    throw new Error(
      `prod/ has ${promoted.digest}, but dev/ has ${containerized.digest}: a copy must not change the digest`,
    );
  }
  const { present, mounted, transferred } = promoted.blobs;
  const size = containerized.layers.reduce((sum, layer) => sum + layer.size, 0);
  return [
    `Containerized the sample program into ${containerized.target}`,
    `  ${containerized.digest}, ${containerized.layers.length} layer of ${size} bytes`,
    `Copied it to ${promoted.target}, digest unchanged`,
    `  ${present} blobs were there, ${mounted} mounted, ${transferred} transferred: ${promoted.bytesTransferred} bytes moved`,
  ];
}
