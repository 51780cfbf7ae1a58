import type { AnalyzeImageResult, LayerSize } from '../api.ts';
import type { LayerIndex } from '../archive/layerIndex.ts';
import type { IndexOptions } from '../archive/layers.ts';
import type { Io } from '../content/store.ts';
import { formatPlatform } from '../oci/platform.ts';
import { findDuplicates } from './duplicates.ts';
import { scoreEfficiency } from './efficiency.ts';
import { findFindings } from './findings.ts';
import type { ImageFiles } from './imageFiles.ts';
import { checkRules, type Threshold } from './rules.ts';
import { layerBytes, storedFiles } from './storedFiles.ts';

export interface AnalysisOptions {
  /** The rules that are on; absent: the result has none. */
  readonly rules?: readonly Threshold[];
  /** How the layers are read. */
  readonly reading?: IndexOptions;
}

/** Measures an image from the entries of its layers: dive's figures, the true ones, and what deserves a look. */
export async function analyzeFiles(
  files: ImageFiles,
  { rules, reading = {} }: AnalysisOptions,
  io: Io,
): Promise<Omit<AnalyzeImageResult, 'reference'>> {
  const stack = await files.filesystem(reading, io);
  const indexes: LayerIndex[] = [];
  for (const at of files.manifest.layers.keys()) indexes.push(await files.layer(at, {}, io));
  const layers = await layerSizes(files, indexes, io);
  const sizes = layers.map(({ sizeBytes }) => sizeBytes);
  const [sizeBytes, userSizeBytes] = [total(sizes), total(sizes.slice(1))];
  const scored = await scoreEfficiency(indexes, io);
  const stored = await storedFiles(stack.root, io);
  const named = files.manifest.layers.flatMap(({ digest }, at) => {
    const index = indexes[at];
    return index === undefined ? [] : [{ digest, index }];
  });
  const list = await findFindings(stack, named, io);
  const figures = { ...scored, sizeBytes, userSizeBytes };
  const platform = files.config?.platform;
  return {
    digest: files.descriptor.digest,
    platform: platform === undefined ? null : formatPlatform(platform),
    ...figures,
    wastedPercent: userSizeBytes === 0 ? 0 : scored.wastedBytes / userSizeBytes,
    reclaimableBytes: sizeBytes - stored.bytes,
    filesystemBytes: stored.bytes,
    fileCount: stored.names,
    duplicates: await findDuplicates(stored.files, io),
    layers,
    findings: list.findings,
    ...(rules === undefined ? {} : { rules: checkRules(rules, figures) }),
    problems: [...indexes.flatMap(layerProblems), ...stack.problems, ...list.problems],
  };
}

async function layerSizes(
  { manifest, createdBy }: ImageFiles,
  indexes: readonly LayerIndex[],
  io: Io,
): Promise<readonly LayerSize[]> {
  const sizes: LayerSize[] = [];
  for (const [at, { digest, size }] of manifest.layers.entries()) {
    const index = indexes[at];
    const sizeBytes = index === undefined ? 0 : await layerBytes(index, io);
    sizes.push({ digest, size, sizeBytes, createdBy: createdBy[at] ?? null });
  }
  return sizes;
}

function layerProblems({ problems, damage }: LayerIndex, at: number): readonly string[] {
  const incomplete = `it could not be read to its end, so the figures are too low: ${damage ?? ''}`;
  return [...problems, ...(damage === undefined ? [] : [incomplete])].map((text) => `Layer #${at + 1}: ${text}`);
}

function total(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + size, 0);
}
