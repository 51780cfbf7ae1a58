import { createHash, randomUUID } from 'node:crypto';

/** A request as it came. */
export interface FakeRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** An answer. A body without `content-length` gets it; HEAD sends no body. */
export interface FakeAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array | string;
}

interface FakeManifest {
  readonly mediaType: string;
  readonly body: Buffer;
}

/** One repository's content. */
export interface FakeRepository {
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, FakeManifest>;
  readonly tags: Map<string, string>;
}

/** What a fake registry holds. */
export interface FakeContent {
  readonly repositories: ReadonlyMap<string, FakeRepository>;
  /** Upload sessions that are open. */
  readonly uploads: Map<string, Buffer>;
  /** The repository of a name, made where it is not there. */
  repository(name: string): FakeRepository;
  /** Stores a blob and returns its digest. */
  putBlob(repository: string, body: Uint8Array): string;
  /** Stores a manifest, under a tag if one is given, and returns its digest. */
  putManifest(repository: string, mediaType: string, body: Uint8Array | string, tag?: string): string;
}

/** What a fake registry can and cannot do. */
export interface FakeBehaviour {
  /** Names on one page of tags and repositories. Default: all, unless the request says `n`. */
  readonly pageSize?: number;
  /** Sent as OCI-Chunk-Min-Length, and enforced for all chunks but the last. */
  readonly chunkMinLength?: number;
  /** Whether the referrers API answers. Default: true. */
  readonly referrers?: boolean;
  /** Whether one POST with `digest` may upload a blob. Default: false, answered with 202. */
  readonly singlePost?: boolean;
}

/** The answer of a well-behaved registry (distribution-spec 1.1). */
export function answerRequest(fake: FakeContent, options: FakeBehaviour, request: FakeRequest): FakeAnswer {
  const { repositories, uploads } = fake;
  return route(request);

  function route(request: FakeRequest): FakeAnswer {
    const { pathname } = request.url;
    if (pathname === '/v2/' || pathname === '/v2') return { status: 200, headers: apiVersion, body: '{}' };
    if (pathname === '/v2/_catalog') return catalog(request);
    const match = /^\/v2\/(.+)\/(?:(blobs\/uploads)\/([^/]*)|(blobs|manifests|referrers)\/([^/]+)|(tags\/list))$/.exec(
      pathname,
    );
    if (match === null) return failure(404, 'NAME_UNKNOWN');
    const [, name = '', isUpload, session = '', kind, identifier = ''] = match;
    const repository = repositories.get(name);
    if (isUpload !== undefined) return upload(request, name, session);
    if (kind === 'manifests' && request.method === 'PUT') return storeManifest(request, name, identifier);
    if (repository === undefined) return failure(404, 'NAME_UNKNOWN');
    if (kind === 'blobs') return blob(request, repository, identifier);
    if (kind === 'manifests') return manifest(request, repository, identifier);
    if (kind === 'referrers') return listReferrers(request, repository, identifier);
    return page(request, [...repository.tags.keys()].sort(), (tags) => ({ name, tags }));
  }

  function blob(request: FakeRequest, { blobs }: FakeRepository, digest: string): FakeAnswer {
    const body = blobs.get(digest);
    if (body === undefined) return failure(404, 'BLOB_UNKNOWN');
    if (request.method === 'DELETE') return blobs.delete(digest) ? { status: 202 } : failure(404, 'BLOB_UNKNOWN');
    const headers = {
      'docker-content-digest': digest,
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
    };
    if (request.method === 'HEAD')
      return { status: 200, headers: { ...headers, 'content-length': String(body.length) } };
    const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers['range'] ?? '');
    if (range === null) return { status: 200, headers, body };
    const [from, to] = [Number(range[1]), range[2] === '' ? body.length - 1 : Number(range[2])];
    if (from >= body.length) return { status: 416, headers: { 'content-range': `bytes */${body.length}` } };
    const part = body.subarray(from, to + 1);
    const contentRange = `bytes ${from}-${from + part.length - 1}/${body.length}`;
    return { status: 206, headers: { ...headers, 'content-range': contentRange }, body: part };
  }

  function manifest(request: FakeRequest, repository: FakeRepository, identifier: string): FakeAnswer {
    const digest = identifier.includes(':') ? identifier : (repository.tags.get(identifier) ?? '');
    const found = repository.manifests.get(digest);
    if (found === undefined) return failure(404, 'MANIFEST_UNKNOWN');
    if (request.method === 'DELETE') {
      if (identifier === digest) {
        repository.manifests.delete(digest);
        for (const [tag, named] of repository.tags) if (named === digest) repository.tags.delete(tag);
      } else repository.tags.delete(identifier);
      return { status: 202 };
    }
    const headers = { 'docker-content-digest': digest, 'content-type': found.mediaType };
    return request.method === 'HEAD'
      ? { status: 200, headers: { ...headers, 'content-length': String(found.body.length) } }
      : { status: 200, headers, body: found.body };
  }

  function storeManifest(request: FakeRequest, name: string, identifier: string): FakeAnswer {
    const digest = sha256(request.body);
    if (identifier.includes(':') && identifier !== digest) return failure(400, 'DIGEST_INVALID');
    const missing = missingContent(name, request.body);
    if (missing !== undefined) return failure(400, 'MANIFEST_BLOB_UNKNOWN', { digest: missing });
    fake.putManifest(
      name,
      request.headers['content-type'] ?? '',
      request.body,
      identifier === digest ? undefined : identifier,
    );
    const subject = digestAt(parse(request.body), 'subject');
    return {
      status: 201,
      headers: {
        location: `/v2/${name}/manifests/${digest}`,
        'docker-content-digest': digest,
        ...(subject === undefined || options.referrers === false ? {} : { 'oci-subject': subject }),
      },
    };
  }

  function missingContent(name: string, body: Buffer): string | undefined {
    const json = parse(body);
    const { blobs, manifests } = fake.repository(name);
    const needed = [digestAt(json, 'config'), ...listAt(json, 'layers')].filter((digest) => digest !== undefined);
    return (
      needed.find((digest) => !blobs.has(digest)) ?? listAt(json, 'manifests').find((digest) => !manifests.has(digest))
    );
  }

  function upload(request: FakeRequest, name: string, session: string): FakeAnswer {
    const digest = request.url.searchParams.get('digest') ?? undefined;
    if (request.method === 'POST') return startUpload(request, name, digest);
    const held = uploads.get(session);
    if (held === undefined) return failure(404, 'BLOB_UPLOAD_UNKNOWN');
    if (request.method === 'DELETE')
      return uploads.delete(session) ? { status: 204 } : failure(404, 'BLOB_UPLOAD_UNKNOWN');
    if (request.method === 'GET') return progress(204, name, session, held);
    const range = /^(\d+)-(\d+)$/.exec(request.headers['content-range'] ?? '');
    if (range !== null && Number(range[1]) !== held.length) return progress(416, name, session, held);
    const minimum = options.chunkMinLength ?? 0;
    // Only the last chunk may be short, and a short one shows when another follows it.
    if (request.method === 'PATCH' && held.length % Math.max(1, minimum) !== 0 && request.body.length > 0) {
      return failure(400, 'BLOB_UPLOAD_INVALID');
    }
    const all = Buffer.concat([held, request.body]);
    uploads.set(session, all);
    if (request.method === 'PATCH') return progress(202, name, session, all);
    uploads.delete(session);
    if (digest === undefined || digest !== sha256(all)) return failure(400, 'DIGEST_INVALID');
    return stored(name, fake.putBlob(name, all));
  }

  function startUpload(request: FakeRequest, name: string, digest: string | undefined): FakeAnswer {
    const { searchParams } = request.url;
    const [mount, from] = [searchParams.get('mount') ?? '', searchParams.get('from') ?? ''];
    const body = repositories.get(from)?.blobs.get(mount);
    if (body !== undefined) return stored(name, fake.putBlob(name, body));
    if (options.singlePost === true && digest !== undefined) {
      return digest === sha256(request.body)
        ? stored(name, fake.putBlob(name, request.body))
        : failure(400, 'DIGEST_INVALID');
    }
    const session = randomUUID();
    uploads.set(session, Buffer.alloc(0));
    return progress(202, name, session, Buffer.alloc(0));
  }

  function progress(status: number, name: string, session: string, held: Buffer): FakeAnswer {
    const minimum = options.chunkMinLength;
    return {
      status,
      headers: {
        location: `/v2/${name}/blobs/uploads/${session}`,
        range: `0-${Math.max(0, held.length - 1)}`,
        ...(minimum === undefined ? {} : { 'oci-chunk-min-length': String(minimum) }),
      },
    };
  }

  function listReferrers(request: FakeRequest, { manifests }: FakeRepository, digest: string): FakeAnswer {
    if (options.referrers === false) return { status: 404, body: '404 page not found' };
    const wanted = request.url.searchParams.get('artifactType');
    const found = [...manifests].flatMap(([key, { mediaType, body }]) => {
      const json = parse(body);
      if (digestAt(json, 'subject') !== digest) return [];
      const artifactType = json['artifactType'] ?? (json['config'] as { mediaType?: string } | undefined)?.mediaType;
      if (wanted !== null && artifactType !== wanted) return [];
      return [{ mediaType, digest: key, size: body.length, artifactType, annotations: json['annotations'] }];
    });
    return page(
      request,
      found,
      (part) => ({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: part,
      }),
      {
        'content-type': 'application/vnd.oci.image.index.v1+json',
        ...(wanted === null ? {} : { 'oci-filters-applied': 'artifactType' }),
      },
    );
  }

  function catalog(request: FakeRequest): FakeAnswer {
    return page(request, [...repositories.keys()].sort(), (names) => ({ repositories: names }));
  }

  function page<T>(
    request: FakeRequest,
    all: readonly T[],
    body: (part: readonly T[]) => object,
    headers: Readonly<Record<string, string>> = {},
  ): FakeAnswer {
    const { searchParams, pathname } = request.url;
    const size = Math.min(Number(searchParams.get('n') ?? all.length), options.pageSize ?? all.length);
    const last = searchParams.get('last');
    const from = last === null ? 0 : all.findIndex((name) => nameOf(name) === last) + 1;
    const part = all.slice(from, from + size);
    const more = from + size < all.length && part.length > 0;
    const next = more
      ? `<${pathname}?last=${encodeURIComponent(nameOf(part.at(-1)))}&n=${size}>; rel="next"`
      : undefined;
    return {
      status: 200,
      headers: { 'content-type': 'application/json', ...headers, ...(next === undefined ? {} : { link: next }) },
      body: JSON.stringify(body(part)),
    };
  }
}

const apiVersion = { 'docker-distribution-api-version': 'registry/2.0' };

function stored(name: string, digest: string): FakeAnswer {
  return { status: 201, headers: { location: `/v2/${name}/blobs/${digest}`, 'docker-content-digest': digest } };
}

export function failure(status: number, code: string, detail: object = {}): FakeAnswer {
  return { status, body: JSON.stringify({ errors: [{ code, message: code.toLowerCase(), detail }] }) };
}

export function sha256(body: Uint8Array): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}

function parse(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function digestAt(json: Readonly<Record<string, unknown>>, name: string): string | undefined {
  return (json[name] as { digest?: string } | undefined)?.digest;
}

function listAt(json: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const entries = json[name];
  return Array.isArray(entries) ? entries.map((entry: { digest: string }) => entry.digest) : [];
}

function nameOf(entry: unknown): string {
  return typeof entry === 'string' ? entry : ((entry as { digest?: string } | undefined)?.digest ?? '');
}
