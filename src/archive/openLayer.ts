import type { LayerSource } from '../content/store.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Digest } from '../oci/digest.ts';
import type { LayerIndex } from './layerIndex.ts';

/** A layer's descriptor and, where the image's config says it, the digest of its uncompressed tar. */
export interface LayerDescriptor extends Descriptor {
  readonly diffId?: Digest | undefined;
}

/** A layer that files are read of. */
export interface OpenLayer {
  readonly source: LayerSource;
  readonly descriptor: LayerDescriptor;
  /** What is known of it. */
  readonly index: LayerIndex | undefined;
}
