import type { Io } from '../../content/store.ts';
import { type Digest, encodedOf, Hasher } from '../../oci/digest.ts';
import type { JsonObject } from '../../oci/json.ts';
import { inTurns } from '../../operations/inTurns.ts';

/** The elements of an SPDX document in the order in which they are written. */
export interface SpdxElements {
  readonly name: string;
  /** The image or index that it is about. */
  readonly subject: Digest;
  /** The id of the package that is it. */
  readonly describes: string;
  /** RFC 3339. */
  readonly created: string;
  /** Version of this program. */
  readonly tool: string;
  readonly packages: Iterable<JsonObject>;
  readonly files: Iterable<JsonObject>;
  readonly relationships: Iterable<JsonObject>;
}

/**
 * An SPDX 2.3 document as JSON, one element a line. Its namespace comes from the subject's digest and from everything that
 * is in it: equal input, equal bytes; other content, another namespace (6.5).
 */
export async function spdxJson(elements: SpdxElements, io: Io): Promise<Uint8Array> {
  const { name, describes, subject, created, tool } = elements;
  const hasher = new Hasher();
  const pieces: Uint8Array[] = [];
  for (const member of ['packages', 'files', 'relationships'] as const) {
    await inTurns(lines(member, elements[member]), (line) => pieces.push(Buffer.from(line)), io);
  }
  for (const piece of pieces) hasher.update(piece);
  const head = {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name,
    documentNamespace: '',
    creationInfo: { created, creators: [`Tool: gantry-${tool}`] },
    documentDescribes: [describes],
  };
  hasher.update(Buffer.from(JSON.stringify(head)));
  const documentNamespace = `https://spdx.org/spdxdocs/${subject.replace(':', '-')}-${encodedOf(hasher.digest()).slice(0, 32)}`;
  const start = JSON.stringify({ ...head, documentNamespace }).slice(0, -1);
  return Buffer.concat([Buffer.from(start), ...pieces, Buffer.from('}\n')]);
}

/** Empty lists are left out. */
function* lines(member: string, elements: Iterable<JsonObject>): Generator<string, void, undefined> {
  let isFirst = true;
  for (const element of elements) {
    yield `${isFirst ? `,\n"${member}":[\n` : ',\n'}${JSON.stringify(element)}`;
    isFirst = false;
  }
  if (!isFirst) yield '\n]';
}

/** The relationship of two elements (SPDX 2.3, 11.1). */
export function relationship(from: string, type: string, to: string): JsonObject {
  return { spdxElementId: from, relationshipType: type, relatedSpdxElement: to };
}

/** The checksum that a digest stands for. */
export function digestChecksum(digest: string): JsonObject {
  const [algorithm = '', value = ''] = digest.split(':');
  return { algorithm: algorithm.toUpperCase(), checksumValue: value };
}

/** A package-url as an external reference (SPDX 2.3, annex F). */
export function purlReference(purl: string): JsonObject {
  return { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purl };
}
