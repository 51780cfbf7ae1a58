import { workspace } from 'vscode';
import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { OciError } from '../errors.ts';
import { placeOf } from '../browse/places.ts';
import { askBase } from './containerizeBase.ts';
import { editPlan } from './containerizeEdits.ts';
import { showPlan } from './containerizePlan.ts';
import { saveSpec } from './containerizeSpec.ts';
import { type Subject, subjectOf } from './containerizeSubject.ts';
import { stagesOf } from './dockerfileStages.ts';
import { headCommit } from './gitFacts.ts';
import { moves, overwriteOf, tagMove } from './overwrite.ts';
import { assertTrusted } from './policy.ts';
import { briefly, withProgress } from './progress.ts';
import { askReference } from './references.ts';
import { reportImage } from './reportImage.ts';
import type { Shell } from './shell.ts';
import { type Back, runSteps, type Step, type StepPlace } from './steps.ts';

/** The gesture on files of this machine. Undefined: given up. */
export async function containerize(
  shell: Shell,
  files: readonly string[],
  repository?: string,
): Promise<ContainerizeResult | undefined> {
  assertTrusted();
  const subject = await subjectOf(shell, files);
  if (subject === undefined) return undefined;
  const stages = await stagesOf(shell, subject.options.dockerfile);
  if (stages === undefined) return undefined;
  const start = { ...subject.options, stages, target: await suggestTarget(shell, subject, repository) };
  const chosen = await runSteps<ContainerizeOptions>(start, stepsOf(shell, subject));
  return chosen === undefined ? undefined : agree(shell, subject, chosen);
}

function stepsOf(shell: Shell, subject: Subject): readonly Step<ContainerizeOptions>[] {
  const title = `Containerize ${subject.name}`;
  const target: Step<ContainerizeOptions> = (state, place) => askTarget(shell, title, state, place);
  if (subject.hasBase) return [target];
  return [(state, place) => askBase(shell, title, subject, state, place), target];
}

async function askTarget(
  shell: Shell,
  title: string,
  state: ContainerizeOptions,
  place: StepPlace,
): Promise<ContainerizeOptions | Back | undefined> {
  const placeholder = 'The image to write: registry/repository:tag, oci:PATH:TAG or oci-archive:PATH';
  const target = await askReference(shell, { title, placeholder, place, value: state.target ?? '' });
  return typeof target === 'string' ? { ...state, target } : target;
}

/** Plans, shows the plan, changes what the person wants changed, and writes what was agreed to. Undefined: given up. */
async function agree(
  shell: Shell,
  subject: Subject,
  first: ContainerizeOptions,
): Promise<ContainerizeResult | undefined> {
  let options = first;
  for (;;) {
    const plan = await withProgress(`Planning ${subject.name}`, (run) =>
      shell.api().containerize({ ...options, dryRun: true }, run),
    );
    const move = await briefly(({ signal }) => tagMove(shell, plan.target, plan.digest, signal));
    const answer = await showPlan(shell, plan, options, move);
    if (answer === undefined) return undefined;
    if (answer === 'write') return write(shell, subject, options, plan, move);
    if (answer === 'spec') {
      await saveSpec(shell, options, plan);
      return undefined;
    }
    const changed =
      answer === 'back'
        ? await runSteps<ContainerizeOptions>(options, stepsOf(shell, subject))
        : await editPlan(shell, subject, options, plan, answer.edits);
    // What was built for the plan is still there, unless it is for other platforms.
    const isBuilt = changed?.platforms?.join() === options.platforms?.join();
    options = { ...(changed ?? options), build: !isBuilt };
  }
}

async function write(
  shell: Shell,
  { name }: Subject,
  options: ContainerizeOptions,
  { digest, preflight }: ContainerizeResult,
  move: Awaited<ReturnType<typeof tagMove>>,
): Promise<ContainerizeResult> {
  const force = preflight.some(({ verdict }) => verdict === 'fails');
  const agreed = { ...options, build: false, digest, force, overwrite: overwriteOf(move) };
  const done = await withProgress(`Containerizing ${name}`, (run) => shell.api().containerize(agreed, run));
  reportImage(shell, done, moves(move) ? move : undefined);
  return done;
}

/** The subject's name in the repository that was meant, the local registry, or the first one that may be written to. */
async function suggestTarget(shell: Shell, subject: Subject, repository: string | undefined): Promise<string> {
  const folder = workspace.workspaceFolders?.[0]?.uri;
  const tag = (folder === undefined ? undefined : headCommit(folder)?.slice(0, 7)) ?? 'latest';
  if (repository !== undefined) return placeOf(repository).tag === undefined ? `${repository}:${tag}` : repository;
  const name = (workspace.name ?? subject.name)
    .toLowerCase()
    .replace(/\.[a-z]+$/, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  const writable = shell.registries.all().filter(({ readOnly }) => readOnly !== true);
  const registry = writable.find(({ local }) => local === true) ?? writable[0];
  if (registry === undefined && shell.localRegistry.name === '') {
    throw new OciError('invalid-reference', 'There is no registry to write to. Add one first.');
  }
  return `${registry?.name ?? shell.localRegistry.name}/${name === '' ? 'app' : name}:${tag}`;
}
