import path from 'node:path';
import { type Uri, window } from 'vscode';
import type { CopyImageResult } from '../api.ts';
import { formatPlace, type LocalPlace } from '../browse/places.ts';
import { OciError } from '../errors.ts';
import { OptionReader } from '../verbs/options.ts';
import { askArchivedImage } from './archivedImage.ts';
import type { Asked, Commands } from './command.ts';
import { copyFrom } from './copyImage.ts';
import { withProgress } from './progress.ts';
import { askOne } from './prompts.ts';
import { imageFor, nodeOf } from './references.ts';
import { revealArchive, type Shell } from './shell.ts';

export interface OpenedArchive {
  /** `oci-archive:/path/to/app.tar`. */
  readonly archive: string;
  /** References of its named images. */
  readonly images: readonly string[];
}

/** Opening layouts and archives on disk, closing them again, and pushing what is in them to a registry. */
export function openArchiveCommands(shell: Shell): Commands {
  const open = async (asked: Asked): Promise<OpenedArchive | undefined> => openAsked(shell, asked);
  return {
    'gantry.openArchive': {
      program: async (options) => openNamed(shell, new OptionReader('openArchive', options).text('path')),
      person: open,
    },
    'gantry.openAsImage': { person: open },
    'gantry.pushArchive': {
      program: (options, api) => api.copyImage(options),
      person: (asked) => pushAsked(shell, asked),
    },
    'gantry.forgetArchive': {
      person: async (asked) => {
        for (const node of asked.kind === 'nodes' ? asked.nodes : []) {
          if (node.kind === 'archive') await shell.recent.closeArchive(node);
        }
        shell.redrawArchives();
      },
    },
    'gantry.refreshArchives': {
      person: async () => {
        for (const node of await shell.browser.archives({ signal: AbortSignal.timeout(60_000) })) {
          shell.browser.refresh(node);
        }
        shell.redrawArchives();
      },
    },
  };
}

async function openAsked(shell: Shell, asked: Asked): Promise<OpenedArchive | undefined> {
  const files = asked.kind === 'files' ? asked.files.map(pathOf) : await pickFile('Open Archive');
  let opened: OpenedArchive | undefined;
  for (const file of files) opened = await openNamed(shell, file);
  return opened;
}

async function openNamed(shell: Shell, file: string): Promise<OpenedArchive> {
  if (!path.isAbsolute(file)) throw new OciError('invalid-reference', 'the option path must be an absolute path.');
  const place = await placeAt(shell, path.resolve(file));
  // Before it is kept in the view: what no reference can name is refused here.
  const images = await shell.local.images(place, { signal: AbortSignal.timeout(60_000) });
  const listed = await shell.local.all({ signal: AbortSignal.timeout(60_000) });
  const isListed = listed.archives.some(({ repository }) => repository === place.repository);
  if (!isListed) await shell.recent.openArchive(place);
  shell.redrawArchives();
  await revealArchive(shell, place);
  const references = images.flatMap(({ name: tag }) => (tag === undefined ? [] : [formatPlace({ ...place, tag })]));
  return { archive: formatPlace(place), images: references };
}

async function placeAt(shell: Shell, file: string): Promise<LocalPlace> {
  return withProgress(`Looking into ${path.basename(file)}`, (run) => shell.local.placeAt(file, run));
}

async function pushAsked(shell: Shell, asked: Asked): Promise<CopyImageResult | undefined> {
  const source = await sourceOf(shell, asked);
  return source === undefined ? undefined : copyFrom(shell, source);
}

async function sourceOf(shell: Shell, asked: Asked): Promise<string | undefined> {
  const title = 'Push Archive';
  if (nodeOf(asked, 'archive') !== undefined) return imageFor(shell, asked, title);
  const [file] = asked.kind === 'files' ? asked.files.map(pathOf) : await pickFile(title);
  return file === undefined ? undefined : askArchivedImage(shell.local, await placeAt(shell, file), title);
}

/** A dialog of this system may show files or folders, not both. */
async function pickFile(title: string): Promise<readonly string[]> {
  const choices = [
    { label: 'Archive', description: 'a tar by docker save, podman, skopeo or crane', value: 'file' },
    { label: 'OCI Layout', description: 'a folder with oci-layout and index.json in it', value: 'folder' },
  ] as const;
  const kind = await askOne<'file' | 'folder'>(choices, { title });
  if (typeof kind !== 'string') return [];
  const isFile = kind === 'file';
  const picked = await window.showOpenDialog({
    title,
    canSelectFiles: isFile,
    canSelectFolders: !isFile,
    openLabel: 'Open',
    ...(isFile ? { filters: { Archives: ['tar', 'tgz', 'gz', 'zst'], 'All files': ['*'] } } : {}),
  });
  return (picked ?? []).map(pathOf);
}

/** @throws OciError invalid-reference for what is not on this machine's disk */
function pathOf({ scheme, fsPath }: Uri): string {
  if (scheme === 'file') return fsPath;
  throw new OciError('invalid-reference', `Only layouts and archives on disk can be opened, not ${scheme}: addresses.`);
}
