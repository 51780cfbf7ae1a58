import path from 'node:path';
import {
  type LocalReference,
  type LocalTransport,
  localTransports,
  parseLocalReference,
} from '../layout/localReference.ts';
import { identifierOf, isRepositoryName, parseReference, type Reference } from '../oci/reference.ts';

/**
 * Where images are: a repository of a registry or, on disk, the transport as `registry`, which no host can be called, and the
 * absolute path as `repository`.
 */
export interface Place {
  readonly registry: string;
  readonly repository: string;
}

/** A layout or an archive on disk. */
export interface LocalPlace extends Place {
  readonly registry: LocalTransport;
}

/** True for a layout or an archive on disk. */
export function isLocal<Given extends Pick<Place, 'registry'>>(
  place: Given,
): place is Given & Pick<LocalPlace, 'registry'> {
  return localTransports.some((transport) => transport === place.registry);
}

/** What may be on disk at a path. */
export function localPlacesAt(repository: string): readonly LocalPlace[] {
  return localTransports.map((registry) => ({ registry, repository }));
}

/** True for an archive, which is written as a whole. */
export function isArchive({ registry }: Pick<Place, 'registry'>): boolean {
  return isLocal({ registry }) && registry !== 'oci';
}

/**
 * The place of an image and its name there, of a registry's reference or a local one; a relative path is one below the
 * working folder. Without tag and digest a local one means the only image of its place.
 * @throws OciError invalid-reference, invalid-digest
 */
export function placeOf(text: string): Reference {
  const local = parseLocalReference(text);
  return local === undefined ? parseReference(text) : localPlace(local);
}

/** True for a local reference whose path depends on the working folder. */
export function isRelative(text: string): boolean {
  const local = parseLocalReference(text);
  return local !== undefined && !path.isAbsolute(local.path);
}

function localPlace({ transport, path: file, tag, digest }: LocalReference): Reference {
  return {
    registry: transport,
    repository: path.resolve(file),
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The reference of a place, or of an image in it by tag or digest: what `placeOf` reads. */
export function formatPlace(place: Reference): string {
  const { registry, repository, tag, digest } = place;
  const name = `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
  return `${registry}${isLocal(place) ? ':' : '/'}${repository}${name}`;
}

/** True for a place and name that come back from their reference: a path with a colon in it does not. */
export function canBeNamed(place: Reference): boolean {
  try {
    const read = placeOf(formatPlace(place));
    return read.repository === place.repository && read.tag === place.tag && read.digest === place.digest;
  } catch {
    return false;
  }
}

/** What stands for the only image of a layout or archive, where a tag or digest is asked for. */
export const soleImage = '';

/** What an image is asked for by in its place: digest, tag, or the only image of a layout or archive. */
export function identifierAt(place: Reference): string {
  return isLocal(place) ? (place.digest ?? place.tag ?? soleImage) : identifierOf(place);
}

/** The last part of a repository or path. */
export function nameOfPlace({ repository }: Place): string {
  return repository.replace(/^.*[\\/](?=[^\\/])/, '');
}

/** What stands for a slash within one part of an address: editors show it where `%2F` could not be read. */
const slash = '\u2215';
const escaped = /[\p{C}%@?#\\\u2215]/gu;

/** A repository as one part of an address can hold it: `∕ws∕app.tar`, with what could be taken for something else escaped. */
export function placeSegment(place: Place): string {
  if (!isLocal(place)) return place.repository;
  return place.repository.toWellFormed().replace(escaped, encodeURIComponent).replaceAll('/', slash);
}

/** Reads such a part; undefined for every text that `placeSegment` makes of no place. */
export function placeOfSegment(registry: string, segment: string): Place | undefined {
  if (!isLocal({ registry })) {
    return isRepositoryName(segment) ? { registry, repository: segment } : undefined;
  }
  const place = { registry, repository: decoded(segment) };
  return placeSegment(place) === segment && path.resolve(place.repository) === place.repository ? place : undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment.replaceAll(slash, '/'));
  } catch {
    return '';
  }
}
