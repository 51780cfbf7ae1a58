import type { ContainerizeOptions, ContainerizeResult } from '../../api.ts';
import { type GitSource } from '../../containerize/annotations.ts';
import type { ImageBlueprint } from '../../containerize/blueprint.ts';
import type { BlueprintLayer } from '../../containerize/packBlueprint.ts';
import { provenanceStatement, statementMediaType } from '../../containerize/provenance.ts';
import { findPackages, type FoundPackages } from '../../containerize/sbom/findPackages.ts';
import { spdxDocument } from '../../containerize/sbom/spdxDocument.ts';
import { spdxIndexDocument } from '../../containerize/sbom/spdxIndexDocument.ts';
import { fetchManifest } from '../../content/bytes.ts';
import type { ContentSource, Io } from '../../content/store.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import type { AppendPlan } from '../../operations/appendPlan.ts';
import { attachArtifact, type AttachTarget } from '../../operations/attachArtifact.ts';
import { attachedSbom, attachSbom, sbomDescriptor } from '../../operations/attachSbom.ts';
import { platformsOf } from '../../operations/platforms.ts';
import type { OpenedTarget } from '../openedTarget.ts';
import type { ChosenBase } from './chooseBase.ts';
import { fits } from './wantedPlatforms.ts';

/** What documents about a new image are made of. */
export interface Attaching {
  readonly plan: AppendPlan;
  readonly layers: readonly BlueprintLayer[];
  readonly base: ChosenBase;
  readonly target: OpenedTarget;
  readonly blueprint: Pick<ImageBlueprint, 'materials' | 'lockFiles' | 'programs'>;
  readonly options: ContainerizeOptions;
  readonly folder: string;
  readonly git: GitSource;
  /** RFC 3339. */
  readonly created: string;
  readonly tool: string;
  readonly wants: { readonly sbom: boolean; readonly provenance: boolean };
}

type Attached = ContainerizeResult['attached'][number];

interface Image {
  readonly descriptor: Descriptor;
  readonly platform?: string;
}

/**
 * Attaches an SBOM, and where wanted a provenance statement, to each image and to the index of them; the index last, so that
 * one look at it tells that all is there. Nothing is attached in archives, which hold one image only.
 */
export async function attachDocuments(attaching: Attaching, io: Io): Promise<readonly Attached[]> {
  const { target, wants } = attaching;
  const store = attachable(target);
  if (store === undefined || (!wants.sbom && !wants.provenance)) return [];
  const images = await imagesOf(attaching.plan, io);
  const all: Attached[] = [];
  if (wants.provenance) for (const image of images) all.push(await attachProvenance(attaching, store, image, io));
  return wants.sbom ? [...all, ...(await attachSboms(attaching, store, images, io))] : all;
}

async function attachSboms(
  attaching: Attaching,
  store: AttachTarget,
  images: readonly Image[],
  io: Io,
): Promise<readonly Attached[]> {
  const { materials, programs, lockFiles } = attaching.blueprint;
  // What Go was built of stands in its programs.
  const found = await findPackages([...materials, ...programs.map(({ file }) => file)], io, lockFiles);
  const documents: Document[] = [];
  for (const image of images) documents.push({ image, bytes: await documentOf(attaching, found, image, io) });
  // Layouts have no tags that other tools would look for.
  const options = { cosignTag: !attaching.target.name.startsWith('oci:') };
  const last = documents.at(-1);
  const isDone =
    last !== undefined && (await attachedSbom(store, last.image.descriptor, last.bytes, options, io)) !== undefined;
  const all: Attached[] = [];
  for (const { image, bytes } of documents) {
    const { descriptor: subject } = image;
    const { digest } = isDone
      ? sbomDescriptor(subject, bytes)
      : (await attachSbom(store, subject, bytes, options, io)).descriptor;
    all.push({ kind: 'sbom', subject: subject.digest, digest });
  }
  return all;
}

interface Document {
  readonly image: Image;
  readonly bytes: Uint8Array;
}

/** A store that can be read too. */
export function attachable({ store, oneImage }: OpenedTarget): AttachTarget | undefined {
  return !oneImage && isReadable(store) ? store : undefined;
}

function isReadable(store: OpenedTarget['store']): store is OpenedTarget['store'] & ContentSource {
  return 'fetch' in store;
}

/** The images, then the index that lists them where there is one. */
async function imagesOf({ source, descriptor, platforms }: AppendPlan, io: Io): Promise<readonly Image[]> {
  const manifest = await fetchManifest(source, descriptor, io);
  const [platform] = platforms;
  if (manifest.kind === 'image') return [{ descriptor, ...(platform === undefined ? {} : { platform }) }];
  const found = await platformsOf(source, manifest, io);
  const images = manifest.manifests.map((child, at): Image => {
    const own = found[at];
    return { descriptor: child, ...(own === undefined ? {} : { platform: formatPlatform(own) }) };
  });
  return [...images, { descriptor }];
}

async function documentOf(
  attaching: Attaching,
  { packages, problems }: FoundPackages,
  image: Image,
  io: Io,
): Promise<Uint8Array> {
  const { plan, layers, base, target, created, tool } = attaching;
  const subject: Digest = image.descriptor.digest;
  if (image.descriptor.digest === plan.descriptor.digest && plan.platforms.length > 1) {
    const images = (await imagesOf(plan, io)).slice(0, -1);
    const listed = images.map(({ descriptor, platform }) => ({
      digest: descriptor.digest,
      ...(platform === undefined ? {} : { platform }),
    }));
    return spdxIndexDocument({ name: target.name, subject, created, images: listed, tool }, io);
  }
  const { platform } = image;
  const own = layers.filter((layer) => platform === undefined || fits(layer.platform, parsePlatform(platform)));
  return spdxDocument(
    {
      name: target.name,
      subject,
      created,
      tool,
      base: base.image === undefined ? null : { reference: base.reference, digest: base.digest },
      files: own.flatMap(({ files }) => files),
      packages,
      problems,
      layers: own.map(({ name, packed }) => ({ name, digest: packed.digest })),
      ...(platform === undefined ? {} : { platform }),
    },
    io,
  );
}

async function attachProvenance(attaching: Attaching, store: AttachTarget, image: Image, io: Io): Promise<Attached> {
  const { base, target, options, folder, git, tool } = attaching;
  const { platform, descriptor: subject } = image;
  const bytes = provenanceStatement({
    name: target.name,
    subject: subject.digest,
    options,
    root: folder,
    git,
    tool,
    base: base.image === undefined ? null : { reference: base.reference, digest: base.digest },
    ...(platform === undefined ? {} : { platform }),
  });
  const artifact = { artifactType: statementMediaType, mediaType: statementMediaType, bytes };
  const { digest } = await attachArtifact(store, subject, artifact, io);
  return { kind: 'provenance', subject: subject.digest, digest };
}
