import { stat } from 'node:fs/promises';
import type { Io } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { ArchiveTarget } from '../layout/archiveTarget.ts';
import { dockerArchiveFormat } from '../layout/dockerArchiveFormat.ts';
import type { LocalReference } from '../layout/localReference.ts';
import { ociArchiveFormat } from '../layout/ociArchiveFormat.ts';
import type { OpenArchives } from '../layout/openArchives.ts';
import type { Digest } from '../oci/digest.ts';
import { isTag } from '../oci/reference.ts';
import type { Overwrite } from '../operations/tagGuard.ts';
import type { OpenedTarget } from './openedTarget.ts';

/** An archive that a local reference names, to be written. @throws OciError already-exists */
export async function archiveTarget(
  local: LocalReference,
  text: string,
  { overwrite }: { readonly overwrite: Overwrite },
  archives: OpenArchives,
  io: Io,
): Promise<OpenedTarget> {
  const { transport, path, tag, digest } = local;
  if (typeof overwrite === 'string') await assertHolds(overwrite, local, archives, io);
  const format = transport === 'docker-archive' ? dockerArchiveFormat(tag) : ociArchiveFormat(tag);
  const store = await ArchiveTarget.create(path, format, { overwrite: overwrite !== false });
  return {
    store,
    // The format knows the whole name. An archive is finished by its tag, so that there is always one.
    tag: tag !== undefined && isTag(tag) ? tag : 'latest',
    ...(digest === undefined ? {} : { digest }),
    name: text,
    oneImage: transport === 'docker-archive',
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

/** The archive's image must be the one that the user saw; one that is not there may be made. */
async function assertHolds(
  digest: Digest,
  { transport, path, tag }: LocalReference,
  archives: OpenArchives,
  io: Io,
): Promise<void> {
  if (transport === 'oci') return;
  try {
    const archive = await archives.open(transport, path, io);
    const found = tag === undefined ? await archive.soleManifest(io) : await archive.resolve(tag, io);
    if (found?.digest === digest) return;
  } catch (error) {
    if (!isOciError(error, 'not-found')) throw error;
    if (!(await exists(path))) return;
  }
  throw new OciError(
    'already-exists',
    `${path} was to be replaced where it holds ${digest}, but holds something else now. Nothing was written. ` +
      'Look at it and try again.',
    { side: 'target' },
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
