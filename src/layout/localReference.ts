import { OciError } from '../errors.ts';
import { type Digest, parseDigest } from '../oci/digest.ts';
import { escapeText, formatReference, parseReference } from '../oci/reference.ts';

/** Where images are on disk: a layout in a folder, a layout in a tar, a tar as `docker save` writes it. */
export type LocalTransport = 'oci' | 'oci-archive' | 'docker-archive';

/** The words that local references begin with, in the spelling of the containers tools. */
export const localTransports: readonly LocalTransport[] = ['oci', 'oci-archive', 'docker-archive'];

/** `TRANSPORT:PATH[:TAG][@DIGEST]`: an image on disk. */
export interface LocalReference {
  readonly transport: LocalTransport;
  readonly path: string;
  /** The name of an entry of index.json; in a docker-archive `NAME:TAG` as in RepoTags, never without a tag. */
  readonly tag: string | undefined;
  readonly digest?: Digest;
}

const maxLength = 4096;
const refNameGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._:@+/-]{0,254}$/;

/** True for what an entry of index.json may be named by this program: a tag, or `repository:tag`. */
export function isRefName(text: string): boolean {
  return refNameGrammar.test(text);
}

/**
 * Parses a local reference; undefined for a text that does not start with a transport. The path ends at its first colon,
 * but that of a Windows drive.
 * @throws OciError invalid-reference, invalid-digest
 */
export function parseLocalReference(text: string): LocalReference | undefined {
  const transport = localTransports.find((word) => text.startsWith(`${word}:`));
  if (transport === undefined) return undefined;
  const rest = text.slice(transport.length + 1);
  if (text.length > maxLength) throw invalid(text, transport, `it is longer than ${maxLength} characters`);
  if (rest.startsWith('//')) throw invalid(text, transport, slashes(transport, rest));
  const at = /@(?=sha(?:256|512):[^:@]*$)/.exec(rest)?.index;
  const digest = at === undefined ? undefined : parseDigest(rest.slice(at + 1));
  const named = at === undefined ? rest : rest.slice(0, at);
  const colon = named.indexOf(':', /^[a-zA-Z]:[\\/]/.test(named) ? 2 : 0);
  const path = colon < 0 ? named : named.slice(0, colon);
  const tag = colon < 0 ? undefined : tagOf(named.slice(colon + 1), text, transport);
  if (path === '' || path.includes('\0')) {
    throw invalid(text, transport, `it has no path. Write ${transport}:PATH or ${transport}:PATH:TAG`);
  }
  return { transport, path, tag, ...(digest === undefined ? {} : { digest }) };
}

/** The same image in the one spelling that names are compared by: `docker.io/library/redis:latest`. Text that is no name stays. */
export function comparableName(name: string): string {
  try {
    return formatReference(parseReference(name));
  } catch {
    return name;
  }
}

function tagOf(name: string, text: string, transport: LocalTransport): string {
  if (transport !== 'docker-archive') {
    if (isRefName(name)) return name;
    throw invalid(text, transport, `${escapeText(name)} is not a tag`);
  }
  const { tag, digest } = parseReference(name);
  if (digest !== undefined) throw invalid(text, transport, 'only one digest can stand at its end');
  return name.endsWith(`:${tag ?? ''}`) ? name : `${name}:${tag ?? ''}`;
}

function slashes(transport: LocalTransport, rest: string): string {
  const bare = rest.slice(2, 200);
  return transport === 'oci'
    ? `a registry reference has no oci:// in front: write ${bare}`
    : `there are no slashes before the path: write ${transport}:${bare}`;
}

const nouns: Readonly<Record<LocalTransport, string>> = {
  oci: 'an OCI layout',
  'oci-archive': 'an OCI archive',
  'docker-archive': 'a docker archive',
};

function invalid(text: string, transport: LocalTransport, reason: string): OciError {
  return new OciError('invalid-reference', `${escapeText(text)} is not a reference to ${nouns[transport]}: ${reason}.`);
}
