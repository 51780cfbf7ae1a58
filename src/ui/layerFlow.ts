import { stat } from 'node:fs/promises';
import { type Uri, window, workspace } from 'vscode';
import type { AppendLayerResult, FileToAdd } from '../api.ts';
import { isLocal, placeOf } from '../browse/places.ts';
import { formatBytes } from '../browse/text.ts';
import { OciError } from '../errors.ts';
import { shortDigest } from '../oci/digest.ts';
import type { Asked, Commands } from './command.ts';
import { actionOf, moveLines, moves, overwriteOf, reportWrite, severityOf, tagMove } from './overwrite.ts';
import { briefly, withProgress } from './progress.ts';
import { askText } from './prompts.ts';
import { askedImage, askReference, nodeOf, withTag } from './references.ts';
import type { Shell } from './shell.ts';
import { joinWords, splitWords } from './splitWords.ts';
import { type Back, runSteps, type Step, type StepPlace } from './steps.ts';

/** What is put on a base, and where the result goes. */
export interface Layer {
  readonly base: string;
  readonly from: readonly string[];
  /** The folder in the image. */
  readonly folder: string;
  /** The command to start, empty: the base's. */
  readonly entrypoint: string;
  /** The name of the one file that is added, where it is a program. */
  readonly program?: string;
  readonly target: string;
}

/** `gantry.appendLayer`: puts files on an image and pushes the result. */
export function layerCommands(shell: Shell): Commands {
  return {
    'gantry.appendLayer': {
      program: (options, api) => api.appendLayer(options),
      person: async (asked) => ask(shell, asked, 'Append Layer'),
    },
  };
}

async function ask(shell: Shell, asked: Asked, title: string): Promise<AppendLayerResult | undefined> {
  const from = asked.kind === 'files' ? asked.files.map(pathOf) : await pickFiles(title);
  if (from.length === 0) return undefined;
  const repository = nodeOf(asked, 'repository');
  const base = repository === undefined ? askedImage(asked) : undefined;
  const target =
    repository === undefined
      ? (besideBase(shell, base) ?? suggestTarget(shell, from))
      : `${repository.registry}/${repository.repository}:latest`;
  // What is added to an image that is there already hardly ever replaces what it starts.
  const program = base === undefined ? await programOf(from) : {};
  const start: Layer = { base: base ?? '', from, folder: '/app', entrypoint: '', target, ...program };
  const steps: Step<Layer>[] = [];
  if (base === undefined) steps.push((state, place) => askBase(shell, title, state, place));
  steps.push((state, place) => askFolder(title, state, place));
  steps.push((state, place) => askEntrypoint(title, state, place));
  steps.push((state, place) => askTarget(shell, title, state, place));
  const layer = await runSteps(start, steps);
  return layer === undefined ? undefined : appendAgreed(shell, layer);
}

/** The single file that can be executed, or looks as if: not every file system has the bit. */
async function programOf([file, ...more]: readonly string[]): Promise<Pick<Layer, 'program'>> {
  if (file === undefined || more.length > 0) return {};
  const found = await stat(file);
  const runs = (found.mode & 0o111) !== 0 || /\.(?:sh|exe)$/.test(file);
  return found.isFile() && runs ? { program: nameOf(file) } : {};
}

/** @throws OciError invalid-reference for what is not on this machine's disk */
function pathOf(file: Uri): string {
  if (file.scheme === 'file') return file.fsPath;
  throw new OciError('invalid-reference', `Only files on disk can go into an image, not ${file.scheme}: addresses.`);
}

async function pickFiles(title: string): Promise<readonly string[]> {
  const options = {
    title,
    canSelectFiles: true,
    canSelectFolders: true,
    canSelectMany: true,
    openLabel: 'Add to Image',
  };
  const picked = await window.showOpenDialog(options);
  return (picked ?? []).map(pathOf);
}

/** The base's own name, where its registry may be written to: the plan asks before a tag moves. */
function besideBase(shell: Shell, base: string | undefined): string | undefined {
  const reference = base === undefined ? undefined : placeOf(base);
  if (base === undefined || reference === undefined || isLocal(reference)) return undefined;
  const readOnly = shell.registries.get(reference.registry).readOnly === true;
  return readOnly ? undefined : withTag(base, reference.tag ?? 'latest');
}

/** The workspace's or the file's name in the local registry, else in the first one that may be written to. */
function suggestTarget(shell: Shell, [first = '']: readonly string[]): string {
  const name = (workspace.name ?? nameOf(first))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const writable = shell.registries.all().filter(({ readOnly }) => readOnly !== true);
  const registry = writable.find(({ local }) => local === true) ?? writable[0];
  return `${registry?.name ?? shell.localRegistry.name}/${name === '' ? 'app' : name}:latest`;
}

function nameOf(path: string): string {
  return path.replace(/[\\/]+$/, '').replace(/^.*[\\/]/, '');
}

async function askBase(shell: Shell, title: string, state: Layer, place: StepPlace): Promise<Layer | Back | undefined> {
  const suggestions = [
    { label: 'scratch', description: 'nothing but these files: for static binaries' },
    { label: 'gcr.io/distroless/static-debian13', description: 'certificates, time zones and a user, no shell' },
    { label: 'gcr.io/distroless/cc-debian13', description: 'the C and C++ libraries, no shell' },
    { label: 'alpine:3', description: 'a small system with a shell' },
  ];
  const placeholder = 'The base image';
  const base = await askReference(shell, {
    title,
    placeholder,
    place,
    value: state.base,
    suggestions,
    words: ['scratch'],
  });
  return typeof base === 'string' ? { ...state, base } : base;
}

async function askFolder(title: string, state: Layer, place: StepPlace): Promise<Layer | Back | undefined> {
  const folder = await askText({
    title,
    place,
    prompt: `The folder in the image for ${state.from.map(nameOf).join(', ').slice(0, 100)}`,
    value: state.folder,
    validate: (text) =>
      /^\/(?!.*(?:^|\/)\.\.(?:\/|$))/.test(text) ? undefined : 'Write an absolute path, such as /app',
  });
  return typeof folder === 'string' ? { ...state, folder: folder.replace(/\/+$/, '') } : folder;
}

async function askEntrypoint(title: string, state: Layer, place: StepPlace): Promise<Layer | Back | undefined> {
  const prompt = "The program to start with its arguments; quote what has blanks. Empty: the base's.";
  const proposed = state.program === undefined ? '' : joinWords([`${state.folder}/${state.program}`]);
  const value = state.entrypoint === '' ? proposed : state.entrypoint;
  const entrypoint = await askText({ title, place, prompt, value });
  return typeof entrypoint === 'string' ? { ...state, entrypoint } : entrypoint;
}

async function askTarget(
  shell: Shell,
  title: string,
  state: Layer,
  place: StepPlace,
): Promise<Layer | Back | undefined> {
  const placeholder = 'The image to write: registry/repository:tag, or oci:PATH:TAG';
  const target = await askReference(shell, { title, placeholder, place, value: state.target });
  return typeof target === 'string' ? { ...state, target } : target;
}

/** Appends a layer after the person agreed to the plan. Undefined: they did not. @throws OciError */
export async function appendAgreed(
  shell: Shell,
  { base, from, folder, entrypoint, target }: Layer,
): Promise<AppendLayerResult | undefined> {
  const files: readonly FileToAdd[] = from.map((path) => ({ from: path, to: `${folder}/${nameOf(path)}` }));
  const words = splitWords(entrypoint);
  const options = { base, target, files, ...(words.length === 0 ? {} : { config: { entrypoint: words } }) };
  // The plan is for a tag that exists too: whether it may move is asked with the plan in view.
  const plan = await withProgress(`Packing ${from.map(nameOf).join(', ')}`, (run) =>
    shell.api().appendLayer({ ...options, dryRun: true }, run),
  );
  const move = await briefly(({ signal }) => tagMove(shell, target, plan.digest, signal));
  const detail = [
    `on ${base}`,
    ...files.map(({ to }) => `adds ${to}`).slice(0, 20),
    ...plan.layers.map(
      (layer) =>
        `layer ${shortDigest(layer.digest)}, ${formatBytes(layer.size)}${layer.reused ? ', there already' : ''}`,
    ),
    `the image will be ${shortDigest(plan.digest)}`,
    ...moveLines(shell, move),
  ];
  const action = actionOf(move, 'Push');
  if (!(await shell.notify.confirm(`Push ${target}?`, { detail, action, severity: severityOf(move) })))
    return undefined;
  const done = await withProgress(`Pushing ${target}`, (run) =>
    shell.api().appendLayer({ ...options, overwrite: overwriteOf(move) }, run),
  );
  const text = `${done.target} is ${shortDigest(done.digest)}: ${formatBytes(done.bytesTransferred)} uploaded.`;
  reportWrite(shell, text, { ...move, next: done.digest }, moves(move) ? [move] : []);
  return done;
}
