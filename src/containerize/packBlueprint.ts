import type { Compression } from '../api.ts';
import { packLayer, type PackedFile, type PackedLayer } from '../archive/pack.ts';
import type { Spool } from '../archive/spool.ts';
import type { Io } from '../content/store.ts';
import type { LayerBlueprint } from './blueprint.ts';

/** A layer of a blueprint, packed. */
export interface BlueprintLayer {
  readonly name: string;
  readonly platform?: string;
  readonly packed: PackedLayer;
  /** Its files with their hashes; empty where they were not asked for. */
  readonly files: readonly PackedFile[];
}

export interface PackingOptions {
  readonly compression: Compression;
  readonly epoch: number;
  /** The image begins with these layers: the first holds the usual folders too. */
  readonly onScratch: boolean;
  readonly spool: Spool;
  /** Hash each file, for an SBOM: costs as much as packing without compression. */
  readonly hashFiles: boolean;
  /** Called with the number of uncompressed bytes of each piece that was packed. */
  readonly onBytes: (bytes: number) => void;
}

/** Packs layers one after the other, those without any file left out. @throws OciError as `packLayer` */
export async function packBlueprint(
  layers: readonly LayerBlueprint[],
  { spool, onScratch, hashFiles, ...options }: PackingOptions,
  io: Io,
): Promise<readonly BlueprintLayer[]> {
  const done: BlueprintLayer[] = [];
  for (const { name, platform, files } of layers) {
    const isFirst = !done.some((other) => other.platform === undefined || other.platform === platform);
    const onto = onScratch && isFirst ? 'scratch' : 'base';
    const hashed: PackedFile[] = [];
    const onFile = hashFiles ? { onFile: (file: PackedFile): void => void hashed.push(file) } : {};
    const packed = await packLayer(files, { ...options, onto, ...onFile }, spool, io);
    const of = platform === undefined ? {} : { platform };
    if (packed.entries > 0) done.push({ name, ...of, packed: { ...packed, name }, files: hashed });
  }
  return done;
}
