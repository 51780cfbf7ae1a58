import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { OciError } from '../errors.ts';
import { isObject, parseJson } from '../oci/json.ts';
import { mediaTypes } from '../oci/mediaTypes.ts';
import { BlobFiles } from './blobFiles.ts';
import { errnoOf, fileError } from './fileError.ts';
import { LayoutIndex, readFileBounded } from './layoutIndex.ts';
import { Scratch } from './scratch.ts';

/** The parts of a layout on disk. */
export interface LayoutFiles {
  /** The absolute path. */
  readonly root: string;
  readonly blobs: BlobFiles;
  readonly index: LayoutIndex;
  readonly scratch: Scratch;
}

const version = '1.0.0';
const ownNames = new Set(['oci-layout', 'index.json', 'blobs']);

/**
 * Opens the layout in a folder (image-spec image-layout.md), and with `create` makes one of an empty or missing folder.
 * @throws OciError not-found, already-exists for a folder with something else in it, invalid-manifest
 */
export async function openLayout(shown: string, options: { readonly create?: boolean } = {}): Promise<LayoutFiles> {
  const root = path.resolve(shown);
  const scratch = new Scratch(root);
  try {
    const found = await readVersion(root, shown);
    if (found === undefined && options.create === true) await create(root, shown, scratch);
    else if (found === undefined) throw notLayout(shown);
    else if (found !== version) throw unknownVersion(shown);
  } catch (error) {
    throw fileError(error, `opening the OCI layout ${shown}`);
  }
  return {
    root,
    scratch,
    blobs: new BlobFiles(root, shown, scratch),
    index: new LayoutIndex(root, shown, scratch),
  };
}

/** True where `openLayout` would make a layout anew: in a folder that is missing or has nothing in it. */
export async function isFreeForLayout(shown: string): Promise<boolean> {
  const root = path.resolve(shown);
  try {
    return (await readVersion(root, shown)) === undefined && (await othersIn(root)).length === 0;
  } catch (error) {
    return errnoOf(error) === 'ENOENT';
  }
}

async function othersIn(root: string): Promise<readonly string[]> {
  return (await readdir(root)).filter((name) => !ownNames.has(name) && !name.startsWith('.'));
}

async function readVersion(root: string, shown: string): Promise<string | undefined> {
  try {
    const json = parseJson(
      await readFileBounded(path.join(root, 'oci-layout'), 65_536, shown),
      `oci-layout of ${shown}`,
    );
    const found = isObject(json) ? json['imageLayoutVersion'] : undefined;
    return typeof found === 'string' ? found : '';
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function create(root: string, shown: string, scratch: Scratch): Promise<void> {
  await mkdir(root, { recursive: true });
  if ((await othersIn(root)).length > 0) {
    throw new OciError(
      'already-exists',
      `${shown} holds other files and is not an OCI layout. Choose an empty or a new folder.`,
    );
  }
  await mkdir(path.join(root, 'blobs', 'sha256'), { recursive: true });
  const index = path.join(root, 'index.json');
  if (await isMissing(index))
    await scratch.replaceFile(index, json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests: [] }));
  await scratch.replaceFile(path.join(root, 'oci-layout'), json({ imageLayoutVersion: version }));
}

async function isMissing(file: string): Promise<boolean> {
  return stat(file).then(
    () => false,
    (error: unknown) => errnoOf(error) === 'ENOENT',
  );
}

function json(value: object): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function notLayout(shown: string): OciError {
  return new OciError('not-found', `${shown} is not an OCI layout: it has no oci-layout file. Check the path.`);
}

function unknownVersion(shown: string): OciError {
  return new OciError('unsupported-media-type', `${shown} is an OCI layout of another version than ${version}.`);
}
