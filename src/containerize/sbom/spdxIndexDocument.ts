import type { Io } from '../../content/store.ts';
import type { Digest } from '../../oci/digest.ts';
import { publicName } from './imagePurl.ts';
import { relationship, spdxJson } from './spdxJson.ts';
import { imagePackage } from './spdxPackages.ts';

/** What an SPDX document says of an index. */
export interface SpdxIndexInput {
  /** A reference of the index, with or without its tag. */
  readonly name: string;
  readonly subject: Digest;
  /** RFC 3339, of the build's epoch. */
  readonly created: string;
  /** In the index's own order. */
  readonly images: readonly { readonly digest: Digest; readonly platform?: string }[];
  /** Version of this program. */
  readonly tool: string;
}

const indexId = 'SPDXRef-Index';

/** The SPDX 2.3 document of an index as JSON: it DESCRIBES the index, of which each image is a VARIANT_OF. */
export async function spdxIndexDocument(input: SpdxIndexInput, io: Io): Promise<Uint8Array> {
  const { name, subject, created, images, tool } = input;
  const ids = images.map((_, at) => `SPDXRef-Image-${at + 1}`);
  return spdxJson(
    {
      name: publicName(name),
      subject,
      describes: indexId,
      created,
      tool,
      packages: [
        imagePackage(indexId, { name, digest: subject }),
        ...images.map((image, at) => imagePackage(ids[at] ?? '', { name, ...image })),
      ],
      files: [],
      relationships: [
        relationship('SPDXRef-DOCUMENT', 'DESCRIBES', indexId),
        ...ids.map((id) => relationship(id, 'VARIANT_OF', indexId)),
      ],
    },
    io,
  );
}
