import { homedir } from 'node:os';
import path from 'node:path';
import { Uri, window, workspace } from 'vscode';
import type { CopyImageResult, InspectImageResult, SaveImageResult } from '../api.ts';
import { canBeNamed, formatPlace, isLocal, type LocalPlace, placeOf } from '../browse/places.ts';
import { pushedName } from '../browse/pushedName.ts';
import { lastSegment } from '../browse/pathTree.ts';
import { OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import type { Reference } from '../oci/reference.ts';
import type { Commands } from './command.ts';
import { askPlatforms, type Choices, copyAgreed, platformsOf } from './copyImage.ts';
import { briefly } from './progress.ts';
import { askOne } from './prompts.ts';
import { imageFor } from './references.ts';
import type { Shell } from './shell.ts';
import { type Back, runSteps, type Step, type StepPlace } from './steps.ts';

/** What a program is told, and what a person's flow comes to. */
export type SavedImage = SaveImageResult | CopyImageResult;

interface Saving extends Choices {
  readonly format?: LocalPlace['registry'];
}

/** `gantry.saveArchive`: an image to a layout or archive on this machine: format, platforms, file, then the plan. */
export function saveArchiveCommands(shell: Shell): Commands {
  return {
    'gantry.saveArchive': {
      program: (options, api) => api.saveImage(options),
      person: async (asked) => {
        const source = await imageFor(shell, asked, 'Save as Archive');
        return source === undefined ? undefined : save(shell, source);
      },
    },
  };
}

async function save(shell: Shell, source: string): Promise<CopyImageResult | undefined> {
  const found = await briefly((run) => shell.api().inspectImage({ image: source }, run));
  const title = `Save ${source} (${shortDigest(found.digest)})`;
  const { format, target, platforms } = (await choose(title, source, found)) ?? {};
  if (format === undefined || target === undefined) return undefined;
  return copyAgreed(shell, source, found.digest, { target, ...(platforms === undefined ? {} : { platforms }) });
}

async function choose(title: string, source: string, found: InspectImageResult): Promise<Saving | undefined> {
  const platforms = platformsOf(found);
  const steps: Step<Saving>[] = [(state, place) => askFormat(title, state, place)];
  if (platforms.length > 1) steps.push((state, place) => askWhich(platforms, title, state, place));
  const chosen = await runSteps<Saving>({ target: '' }, steps);
  if (chosen?.format === undefined) return undefined;
  const target = await askTarget(title, chosen.format, placeOf(source));
  return target === undefined ? undefined : { ...chosen, target };
}

const formats = [
  {
    label: 'OCI Archive',
    description: 'one tar',
    detail: 'For podman, skopeo, crane and buildx. The digest stays the same.',
    value: 'oci-archive',
  },
  {
    label: 'Docker Archive',
    description: 'one tar, one platform',
    detail: 'For docker load, podman and kind. Config and layers are kept, the manifest is not.',
    value: 'docker-archive',
  },
  {
    label: 'OCI Layout',
    description: 'a folder',
    detail: 'Takes more images later, and shares their layers. The digest stays the same.',
    value: 'oci',
  },
] as const;

async function askFormat(title: string, state: Saving, place: StepPlace): Promise<Saving | Back | undefined> {
  const format = await askOne<LocalPlace['registry']>(formats, { title, place, placeholder: 'The format' });
  return typeof format === 'string' ? { ...state, format } : format;
}

/** A docker archive has room for one image; the others take an index whole. */
async function askWhich(
  platforms: readonly string[],
  title: string,
  state: Saving,
  place: StepPlace,
): Promise<Saving | Back | undefined> {
  const { format, ...choices } = state;
  if (format !== 'docker-archive') {
    const chosen = await askPlatforms(platforms, title, choices, place);
    return typeof chosen === 'object' && format !== undefined ? { ...chosen, format } : chosen;
  }
  const all = platforms.map((label) => ({ label, value: label }));
  const platform = await askOne(all, { title, place, placeholder: 'A docker archive holds one platform' });
  return typeof platform === 'string' ? { ...state, platforms: [platform] } : platform;
}

/** The reference of the file or folder that is to be written. Undefined: given up. @throws OciError invalid-reference */
async function askTarget(
  title: string,
  format: LocalPlace['registry'],
  source: Reference,
): Promise<string | undefined> {
  const { repository, tag } = pushedName(source);
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file')?.uri ?? Uri.file(homedir());
  const name = `${lastSegment(repository)}-${tag}`;
  const picked = await window.showSaveDialog({
    title,
    saveLabel: 'Save',
    defaultUri: Uri.joinPath(folder, format === 'oci' ? name : `${name}.tar`),
    ...(format === 'oci' ? {} : { filters: { Archives: ['tar'] } }),
  });
  if (picked === undefined) return undefined;
  if (picked.scheme !== 'file') throw new OciError('invalid-reference', 'An image can be saved to this machine only.');
  const place = { registry: format, repository: path.resolve(picked.fsPath) };
  const named = { ...place, tag: format === 'docker-archive' ? loadedName(source) : tag };
  if (canBeNamed(named)) return formatPlace(named);
  throw new OciError(
    'invalid-reference',
    `${picked.fsPath} cannot stand in a reference: choose a path without a colon.`,
  );
}

/** What `docker load` calls the image: as it was called before. */
function loadedName(source: Reference): string {
  const { registry, repository } = source;
  const pushed = pushedName(source);
  if (isLocal(source))
    return source.registry === 'docker-archive' && source.tag !== undefined
      ? source.tag
      : `${pushed.repository}:${pushed.tag}`;
  return formatPlace({ registry, repository, tag: pushed.tag });
}
