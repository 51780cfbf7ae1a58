import { OciError } from '../errors.ts';
import { type Digest, parseDigest } from './digest.ts';

/**
 * A parsed image reference: `[registry/]repository[:tag][@digest]`.
 *
 * repository follows the distribution-spec's `<name>`, tag its `<reference>`; both patterns are linear in JavaScript.
 * The first component is a registry where it holds `.` or `:`, or is `localhost` or `[IPv6]`;
 * else the registry is docker.io, whose one-component repositories live in `library/`.
 */
export interface Reference {
  /** `host[:port]`, lower case; docker.io for every spelling of Docker Hub. */
  readonly registry: string;
  readonly repository: string;
  /** `latest` where the text has neither tag nor digest; with a digest it is only a label. */
  readonly tag?: string;
  readonly digest?: Digest;
}

const nameGrammar = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagGrammar = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const hostGrammar =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\.?|\[[a-fA-F0-9:.]{2,45}\])(?::[0-9]{1,5})?$/;
const dockerHub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io', 'registry.hub.docker.com']);
const maxLength = 4096;

export function isTag(text: string): boolean {
  return tagGrammar.test(text);
}

/** True for a repository name of at most 255 characters. */
export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && nameGrammar.test(text);
}

/** @throws OciError invalid-reference, invalid-digest, with what to write instead where that can be known */
export function parseReference(text: string): Reference {
  if (text.length > maxLength) throw invalid(text, `it is longer than ${maxLength} characters`);
  const at = text.indexOf('@');
  const digest = at < 0 ? undefined : parseDigest(text.slice(at + 1));
  const { name, tag } = splitTag(at < 0 ? text : text.slice(0, at));
  if (tag !== undefined && !isTag(tag)) {
    throw invalid(text, 'the tag must start with a letter, digit or _ and hold at most 128 of letters, digits, _ . -');
  }
  const { registry, repository } = splitRegistry(fromBrowser(name), text);
  if (registry.length + 1 + repository.length > 255)
    throw invalid(text, 'registry and repository are longer than 255 characters');
  return {
    registry,
    repository,
    ...(tag === undefined && digest === undefined ? { tag: 'latest' } : tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function splitTag(text: string): { name: string; tag?: string } {
  const colon = text.lastIndexOf(':');
  return colon <= text.lastIndexOf('/') || text.endsWith(']')
    ? { name: text }
    : { name: text.slice(0, colon), tag: text.slice(colon + 1) };
}

/** An address copied from Docker Hub's web pages names a repository too. */
function fromBrowser(name: string): string {
  const page = /^(?:https:\/\/)?hub\.docker\.com\/(?:r\/([^/]+\/[^/]+)|_\/([^/]+))\/?$/.exec(name);
  return page === null ? name : `docker.io/${page[1] ?? `library/${page[2] ?? ''}`}`;
}

function splitRegistry(name: string, text: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const hasRegistry = first === 'localhost' || /[.:[]/.test(first);
  const registry = hasRegistry ? parseRegistry(first) : 'docker.io';
  const rest = hasRegistry ? name.slice(slash + 1) : name;
  const repository = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest;
  if (isRepositoryName(repository)) return { registry, repository };
  const lower = rest.toLowerCase();
  if (lower !== rest && isRepositoryName(lower)) {
    throw invalid(text, `repository names are lower-case: did you mean ${text.replace(rest, lower)}?`);
  }
  throw invalid(
    text,
    'the repository name holds something else than lower-case letters, digits, separators . _ - and single slashes',
  );
}

/** Parses `host[:port]` to its one spelling. @throws OciError invalid-reference */
export function parseRegistry(text: string): string {
  const bare = text.replace(/^https?:\/\//i, '').replace(/(?<!\/)\/+$/, '');
  const port = /:([0-9]+)$/.exec(bare)?.[1];
  if (
    bare.length > 255 ||
    !hostGrammar.test(bare) ||
    (port !== undefined && (Number(port) > 65535 || Number(port) === 0))
  ) {
    throw new OciError(
      'invalid-reference',
      `${escapeText(text)} is not a registry. Write a host name and, where needed, a port: registry.example.com:5000.`,
    );
  }
  const host = bare.toLowerCase();
  return dockerHub.has(host) ? 'docker.io' : host;
}

function invalid(text: string, reason: string): OciError {
  return new OciError('invalid-reference', `${escapeText(text)} is not an image reference: ${reason}.`);
}

/** Text from outside in quotes, cut to 200 characters, everything but printable ASCII as \u escapes. */
export function escapeText(text: string): string {
  const cut = text.length > 200 ? `${text.slice(0, 200)}…` : text;
  return JSON.stringify(cut).replace(/[^\x20-\x7e…]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The one full spelling: `docker.io/library/redis:latest`. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? '' : `:${reference.tag}`;
  const digest = reference.digest === undefined ? '' : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/** What a manifest is asked for by: the digest where there is one, else the tag (distribution-spec `<reference>`). */
export function identifierOf(reference: Reference): string {
  return reference.digest ?? reference.tag ?? 'latest';
}

/** The host that speaks the registry API: Docker Hub's differs from its name. */
export function apiHost(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}
