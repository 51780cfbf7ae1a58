import type { Io } from '../../content/store.ts';
import type { Digest } from '../../oci/digest.ts';
import type { JsonObject } from '../../oci/json.ts';
import { sortInTurns } from '../../operations/inTurns.ts';
import { publicName } from './imagePurl.ts';
import type { SbomPackage } from './sbomPackage.ts';
import { relationship, spdxJson } from './spdxJson.ts';
import { basePackage, dependencyPackage, imagePackage, layerPackage } from './spdxPackages.ts';
import { verificationCode } from './verificationCode.ts';

/** A file that was added to an image. */
export interface SpdxFile {
  /** Absolute, in the image. */
  readonly path: string;
  /** Lower-case hex. */
  readonly sha1: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What an SPDX document says of one image. */
export interface SpdxInput {
  /** A reference of the image, with or without its tag. */
  readonly name: string;
  /** The digest of its manifest. */
  readonly subject: Digest;
  /** Such as `linux/arm64`. */
  readonly platform?: string;
  /** RFC 3339, of the build's epoch: the same input gives the same bytes. */
  readonly created: string;
  /** Null for `scratch`. */
  readonly base: { readonly reference: string; readonly digest: string | null } | null;
  /** Those of the lowest layer first: of several in one place the last counts. */
  readonly files: readonly SpdxFile[];
  readonly packages: readonly SbomPackage[];
  /** What could not be read, in sentences of `findPackages`: its packages may be missing. Default: nothing. */
  readonly problems?: readonly string[];
  /** Those that were added, the lowest first. */
  readonly layers: readonly { readonly name: string; readonly digest: string }[];
  /** Version of this program. */
  readonly tool: string;
}

/** Most files that are listed one by one. */
export const maxListedFiles = 100_000;
const maxProblems = 20;

const imageId = 'SPDXRef-Image';
const baseId = 'SPDXRef-Base';

/**
 * The SPDX 2.3 document of an image as JSON: it DESCRIBES the image, which CONTAINS its added layers and files, DEPENDS_ON
 * packages and is DESCENDANT_OF its base. Above 100,000 files none is listed, and a comment says so: the package
 * verification code covers them all the same.
 */
export async function spdxDocument(input: SpdxInput, io: Io): Promise<Uint8Array> {
  const sorted = await sortInTurns(input.files, (a, b) => compare(a.path, b.path), io);
  const files = sorted.filter(({ path }, at) => path !== sorted[at + 1]?.path);
  const packages = input.packages.toSorted((a, b) => compare(a.purl, b.purl));
  const listed = files.length > maxListedFiles ? [] : files;
  const { name, subject, created, tool } = input;
  const image = imagePackage(imageId, { ...input, digest: subject }, await contents(files, input.problems ?? []));
  const all = { ...input, packages, files: listed };
  return spdxJson(
    {
      name: publicName(name),
      subject,
      describes: imageId,
      created,
      tool,
      packages: packageElements(image, all),
      files: fileElements(listed),
      relationships: relationships(all),
    },
    io,
  );
}

/** Without files there is nothing that a verification code could be of (7.8). */
async function contents(files: readonly SpdxFile[], problems: readonly string[]): Promise<JsonObject> {
  const many = `Its ${files.length} added files are too many to be listed: the verification code is of all of them.`;
  const comments = [...(files.length > maxListedFiles ? [many] : []), ...problems.slice(0, maxProblems)];
  const comment = comments.length === 0 ? {} : { comment: comments.join(' ') };
  if (files.length === 0) return comment;
  const code = await verificationCode(files.map(({ sha1 }) => sha1));
  return { filesAnalyzed: true, packageVerificationCode: { packageVerificationCodeValue: code }, ...comment };
}

function* packageElements(image: JsonObject, input: SpdxInput): Generator<JsonObject, void, undefined> {
  yield image;
  if (input.base !== null) yield basePackage(baseId, input.base.reference, input.base.digest);
  for (const [at, { name, digest }] of input.layers.entries()) yield layerPackage(layerId(at), name, digest);
  for (const [at, each] of input.packages.entries()) yield dependencyPackage(packageId(at), each);
}

function* fileElements(files: readonly SpdxFile[]): Generator<JsonObject, void, undefined> {
  for (const [at, { path, sha1, sha256 }] of files.entries()) {
    yield {
      SPDXID: fileId(at),
      fileName: `./${path.replace(/^\/+/, '').toWellFormed()}`,
      checksums: [
        { algorithm: 'SHA1', checksumValue: sha1 },
        { algorithm: 'SHA256', checksumValue: sha256 },
      ],
    };
  }
}

function* relationships({ base, layers, files, packages }: SpdxInput): Generator<JsonObject, void, undefined> {
  yield relationship('SPDXRef-DOCUMENT', 'DESCRIBES', imageId);
  if (base !== null) yield relationship(imageId, 'DESCENDANT_OF', baseId);
  for (const at of layers.keys()) yield relationship(imageId, 'CONTAINS', layerId(at));
  for (const at of packages.keys()) yield relationship(imageId, 'DEPENDS_ON', packageId(at));
  for (const at of files.keys()) yield relationship(imageId, 'CONTAINS', fileId(at));
}

const layerId = (at: number): string => `SPDXRef-Layer-${at + 1}`;
const packageId = (at: number): string => `SPDXRef-Package-${at + 1}`;
const fileId = (at: number): string => `SPDXRef-File-${at + 1}`;

/** By code units: the same on every machine. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
