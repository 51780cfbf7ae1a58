import { commands, Uri } from 'vscode';
import type { Browser } from '../browse/browser.ts';
import { formatPlace } from '../browse/places.ts';
import { prettyJson } from '../browse/prettyJson.ts';
import { fetchBytes, resolveManifest } from '../content/bytes.ts';
import { OciError } from '../errors.ts';
import { maxConfigBytes } from '../oci/imageConfig.ts';
import type { ProgramApi } from './deps.ts';
import { type DocumentName, documentPath } from './documentPaths.ts';
import { scheme } from './fileUris.ts';

/** Milliseconds for one document. */
const timeLimit = 60_000;

/** The address of a document of an image. */
export function documentUri(name: DocumentName): Uri {
  return Uri.from({ scheme, authority: name.registry, path: documentPath(name) });
}

/** Opens a document as a preview. */
export async function openDocument(name: DocumentName): Promise<void> {
  await commands.executeCommand('vscode.open', documentUri(name), { preview: true });
}

/** Manifests, configs, reports and histories as text, named by digest: what is shown once never changes. */
export class ImageDocuments {
  readonly #browser: Browser;
  readonly #api: () => ProgramApi;

  constructor(browser: Browser, api: () => ProgramApi) {
    this.#browser = browser;
    this.#api = api;
  }

  /** The text of a document. @throws OciError of the registry; unsupported-media-type for what the image does not have */
  async read({ digest, kind, ...place }: DocumentName): Promise<Uint8Array> {
    const io = { signal: AbortSignal.timeout(timeLimit) };
    if (kind === 'inspect') {
      const report = await this.#api().inspectImage({ image: formatPlace({ ...place, digest }) }, io);
      return Buffer.from(`${JSON.stringify(report, null, 2)}\n`);
    }
    const store = this.#browser.store(place);
    const { manifest } = await resolveManifest(store, digest, io);
    if (kind === 'manifest') return pretty(manifest.bytes);
    if (manifest.kind === 'index') throw hasNone('an index has no config or history; open one of its platforms');
    if (kind === 'config') return pretty(await fetchBytes(store, manifest.config, maxConfigBytes, io));
    const { historyDocument } = await import('./historyDocument.ts');
    const text = await historyDocument(store, manifest, kind, io);
    if (text === undefined) throw hasNone('an artifact has no history');
    return Buffer.from(text);
  }
}

function hasNone(message: string): OciError {
  return new OciError('unsupported-media-type', message);
}

function pretty(bytes: Uint8Array): Uint8Array {
  return Buffer.from(prettyJson(Buffer.from(bytes).toString('utf8')));
}
