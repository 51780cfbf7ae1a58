import { OciError } from '../errors.ts';
import { type Digest, parseDigest } from '../oci/digest.ts';
import { escapeText } from '../oci/reference.ts';

/** `oci:PATH[:TAG][@DIGEST]`: an image in an OCI layout on disk, in the spelling of the containers tools. */
export interface LayoutReference {
  readonly path: string;
  /** The name of an entry of index.json. */
  readonly tag: string | undefined;
  readonly digest?: Digest;
}

const scheme = 'oci:';
const maxLength = 4096;
const refNameGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._:@+/-]{0,254}$/;

/** True for what an entry of index.json may be named by this program: a tag, or `repository:tag`. */
export function isRefName(text: string): boolean {
  return refNameGrammar.test(text);
}

/**
 * Parses a layout reference; undefined for a text that does not start with `oci:`. The path ends at its first colon, but
 * that of a Windows drive.
 * @throws OciError invalid-reference, invalid-digest
 */
export function parseLayoutReference(text: string): LayoutReference | undefined {
  if (!text.startsWith(scheme)) return undefined;
  const rest = text.slice(scheme.length);
  if (text.length > maxLength) throw invalid(text, `it is longer than ${maxLength} characters`);
  if (rest.startsWith('//')) {
    throw invalid(text, `a registry reference has no oci:// in front: write ${rest.slice(2, 200)}`);
  }
  const at = /@(?=sha(?:256|512):[^:@]*$)/.exec(rest)?.index;
  const digest = at === undefined ? undefined : parseDigest(rest.slice(at + 1));
  const named = at === undefined ? rest : rest.slice(0, at);
  const colon = named.indexOf(':', /^[a-zA-Z]:[\\/]/.test(named) ? 2 : 0);
  const path = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : named.slice(colon + 1);
  if (path === '' || path.includes('\0')) throw invalid(text, 'it has no path. Write oci:PATH or oci:PATH:TAG');
  if (tag !== undefined && !isRefName(tag)) throw invalid(text, `${escapeText(tag)} is not a tag`);
  return { path, tag, ...(digest === undefined ? {} : { digest }) };
}

function invalid(text: string, reason: string): OciError {
  return new OciError('invalid-reference', `${escapeText(text)} is not a reference to an OCI layout: ${reason}.`);
}
