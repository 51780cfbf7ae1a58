import { isDigest } from '../../oci/digest.ts';
import type { JsonObject } from '../../oci/json.ts';
import { imagePurl, type NamedImage, publicName } from './imagePurl.ts';
import { isLicenceExpression } from './licenceExpression.ts';
import type { SbomPackage } from './sbomPackage.ts';
import { digestChecksum, purlReference } from './spdxJson.ts';

const unknown = 'NOASSERTION';

/** An image or index as an SPDX package (SPDX 2.3, 7). */
export function imagePackage(id: string, image: NamedImage, more: JsonObject = {}): JsonObject {
  return {
    SPDXID: id,
    name: publicName(image.name),
    versionInfo: image.digest,
    downloadLocation: unknown,
    filesAnalyzed: false,
    checksums: [digestChecksum(image.digest)],
    externalRefs: [purlReference(imagePurl(image))],
    primaryPackagePurpose: 'CONTAINER',
    ...licences(),
    ...more,
  };
}

/** The image that another was built on; its digest may be unknown. */
export function basePackage(id: string, name: string, digest: string | null): JsonObject {
  if (isDigest(digest)) return imagePackage(id, { name, digest });
  const rest = { downloadLocation: unknown, filesAnalyzed: false, primaryPackagePurpose: 'CONTAINER' };
  return { SPDXID: id, name: publicName(name), ...rest, ...licences() };
}

/** A layer. */
export function layerPackage(id: string, name: string, digest: string): JsonObject {
  return {
    SPDXID: id,
    name: `layer ${name}`,
    versionInfo: digest,
    downloadLocation: unknown,
    filesAnalyzed: false,
    checksums: [digestChecksum(digest)],
    primaryPackagePurpose: 'ARCHIVE',
    ...licences(),
  };
}

/** A package of an ecosystem. */
export function dependencyPackage(id: string, each: SbomPackage): JsonObject {
  const { name, version, purl, licence, checksums, downloadLocation, comment } = each;
  return {
    SPDXID: id,
    name,
    ...(version === '' ? {} : { versionInfo: version }),
    downloadLocation: downloadLocation ?? unknown,
    filesAnalyzed: false,
    ...(checksums === undefined
      ? {}
      : { checksums: checksums.map(({ algorithm, value }) => ({ algorithm, checksumValue: value })) }),
    externalRefs: [purlReference(purl)],
    primaryPackagePurpose: 'LIBRARY',
    ...licences(licence),
    ...(comment === undefined ? {} : { comment }),
  };
}

/** What a package says of its licence counts where it is an expression; else it is repeated as a comment. */
function licences(licence?: string): JsonObject {
  const isKnown = licence !== undefined && isLicenceExpression(licence);
  return {
    licenseConcluded: unknown,
    licenseDeclared: isKnown ? licence : unknown,
    ...(licence === undefined || isKnown ? {} : { licenseComments: `The package names this licence: ${licence}` }),
    copyrightText: unknown,
  };
}
