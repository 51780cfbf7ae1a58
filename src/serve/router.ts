import type { IncomingMessage } from 'node:http';
import { isRepositoryName } from '../oci/reference.ts';
import { ApiError } from './apiError.ts';
import { deleteBlob, getBlob } from './blobEndpoints.ts';
import type { Endpoint, Exchange } from './exchange.ts';
import { listReferrers, listRepositories, listTags } from './listEndpoints.ts';
import { deleteManifest, getManifest, putManifest } from './manifestEndpoints.ts';
import { appendUpload, cancelUpload, finishUpload, startUpload, uploadStatus } from './uploadEndpoints.ts';

interface Route {
  /** Groups: repository, reference. */
  readonly path: RegExp;
  readonly methods: Readonly<Record<string, Endpoint>>;
}

/** A repository name leaves room for `127.0.0.1:65535/` in the 255 characters of a reference. */
const maxRepositoryLength = 239;

/** The endpoints of the distribution-spec. A repository may have `blobs` in its name, so the ends of paths decide. */
const routes: readonly Route[] = [
  { path: /^\/v2\/_catalog$/, methods: { GET: listRepositories, HEAD: listRepositories } },
  { path: /^\/v2\/(.+)\/blobs\/uploads\/?$/, methods: { POST: startUpload } },
  {
    path: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    methods: { GET: uploadStatus, PATCH: appendUpload, PUT: finishUpload, DELETE: cancelUpload },
  },
  { path: /^\/v2\/(.+)\/blobs\/([^/]+)$/, methods: { GET: getBlob, HEAD: getBlob, DELETE: deleteBlob } },
  {
    path: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    methods: { GET: getManifest, HEAD: getManifest, PUT: putManifest, DELETE: deleteManifest },
  },
  { path: /^\/v2\/(.+)\/tags\/list$/, methods: { GET: listTags, HEAD: listTags } },
  { path: /^\/v2\/(.+)\/referrers\/([^/]+)$/, methods: { GET: listReferrers, HEAD: listReferrers } },
];

export interface Target extends Pick<Exchange, 'repository' | 'reference' | 'query'> {
  readonly endpoint: Endpoint;
}

/** What a request asks for. @throws ApiError for a path, method or repository name that is none */
export function findTarget({ method = '', url = '' }: IncomingMessage): Target {
  const question = url.indexOf('?');
  const path = decoded(question < 0 ? url : url.slice(0, question));
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  for (const route of routes) {
    const match = route.path.exec(path);
    if (match === null) continue;
    const endpoint = Object.hasOwn(route.methods, method) ? route.methods[method] : undefined;
    if (endpoint === undefined) throw notAllowed(Object.keys(route.methods));
    const [, repository = '', reference = ''] = match;
    if (match[1] !== undefined) checkName(repository);
    return { endpoint, repository, reference, query };
  }
  throw new ApiError(404, 'UNSUPPORTED', 'there is no such endpoint');
}

/** The answer to a method that an endpoint does not have. */
export function notAllowed(methods: readonly string[]): ApiError {
  return new ApiError(405, 'UNSUPPORTED', 'this endpoint does not have that method', {
    headers: { allow: methods.join(', ') },
  });
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ApiError(400, 'NAME_INVALID', 'the path is not percent-encoded UTF-8');
  }
}

function checkName(repository: string): void {
  if (isRepositoryName(repository) && repository.length <= maxRepositoryLength) return;
  throw new ApiError(
    400,
    'NAME_INVALID',
    `a repository name is lower-case letters and digits with . _ - and / between them, ${maxRepositoryLength} at most`,
  );
}
