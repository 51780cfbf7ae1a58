import { type Place, placeOfSegment, placeSegment } from '../browse/places.ts';
import type { Digest } from '../oci/digest.ts';
import { isDigest, shortDigest } from '../oci/digest.ts';

export type DocumentKind = 'manifest' | 'config' | 'inspect' | 'history' | 'dockerfile';

/** One document of an image: its path says all, so that an editor restored after a restart finds it again. */
export interface DocumentName extends Place {
  /** Of the manifest, for a config too. */
  readonly digest: Digest;
  readonly kind: DocumentKind;
}

/** `/team/app@sha256:…/manifest-0123456789ab.json`; the name on an editor's tab says which image it is of. */
export function documentPath({ digest, kind, ...place }: DocumentName): string {
  return `/${placeSegment(place)}@${digest}/${fileName(kind, digest)}`;
}

/** Reads such a path; undefined for every other one, whatever it looks like. */
export function parseDocumentPath(registry: string, path: string): DocumentName | undefined {
  const match = /^\/([^@]{1,16384})@(sha(?:256|512):[a-f0-9]{64,128})\/([a-zA-Z]+)[-.][a-z0-9.]{1,20}$/.exec(path);
  if (match === null) return undefined;
  const [, segment = '', digest, word = ''] = match;
  const place = placeOfSegment(registry, segment);
  const kind = word.toLowerCase();
  if (place === undefined || !isDigest(digest) || !isKind(kind)) return undefined;
  const name: DocumentName = { ...place, digest, kind };
  return documentPath(name) === path ? name : undefined;
}

/** What the language of a document is known by: an ending, or the name that Dockerfiles have. */
const endings: Readonly<Record<DocumentKind, (short: string) => string>> = {
  manifest: (short) => `manifest-${short}.json`,
  config: (short) => `config-${short}.json`,
  inspect: (short) => `inspect-${short}.json`,
  history: (short) => `history-${short}.txt`,
  dockerfile: (short) => `Dockerfile.${short}`,
};

function isKind(text: string): text is DocumentKind {
  return Object.hasOwn(endings, text);
}

function fileName(kind: DocumentKind, digest: Digest): string {
  return endings[kind](shortDigest(digest).replace(/^.*:/, ''));
}
