import type { Digest } from '../oci/digest.ts';
import { isDigest, shortDigest } from '../oci/digest.ts';
import { isRepositoryName } from '../oci/reference.ts';

export type DocumentKind = 'manifest' | 'config' | 'inspect';

/** One document of an image: its path says all, so that an editor restored after a restart finds it again. */
export interface DocumentName {
  readonly repository: string;
  /** Of the manifest, for a config too. */
  readonly digest: Digest;
  readonly kind: DocumentKind;
}

/** `/team/app@sha256:…/manifest-0123456789ab.json`; the name on an editor's tab says which image it is of. */
export function documentPath({ repository, digest, kind }: DocumentName): string {
  return `/${repository}@${digest}/${fileName(kind, digest)}`;
}

/** Reads such a path; undefined for every other one, whatever it looks like. */
export function parseDocumentPath(path: string): DocumentName | undefined {
  const match =
    /^\/([^@]{1,255})@(sha(?:256|512):[a-f0-9]{64,128})\/(manifest|config|inspect)-[a-f0-9]{12}\.json$/.exec(path);
  if (match === null) return undefined;
  const [, repository = '', digest, kind] = match;
  if (!isRepositoryName(repository) || !isDigest(digest) || !isKind(kind)) return undefined;
  const name: DocumentName = { repository, digest, kind };
  return documentPath(name) === path ? name : undefined;
}

function isKind(text: string | undefined): text is DocumentKind {
  return text === 'manifest' || text === 'config' || text === 'inspect';
}

function fileName(kind: DocumentKind, digest: Digest): string {
  return `${kind}-${shortDigest(digest).replace(/^.*:/, '')}.json`;
}
