import type { Disposable } from 'vscode';
import type { CopyImageResult, InspectImageResult } from '../api.ts';
import { shortDigest } from '../oci/digest.ts';
import { registerCommand } from './command.ts';
import { doneLine, moveLines, moves, overwriteOf, planLine, reportWrite, severityOf, tagMove } from './overwrite.ts';
import { briefly, withProgress } from './progress.ts';
import { askMany } from './prompts.ts';
import { askReference, imageFor, registryReference, withDigest } from './references.ts';
import type { Shell } from './shell.ts';
import { back, type Back, runSteps, type StepPlace } from './steps.ts';

/** Where an image goes and how much of it. */
export interface Choices {
  readonly target: string;
  /** Absent: the image as it is. */
  readonly platforms?: readonly string[];
}

/** `gantry.copyImage`: source, target, platforms, then the plan; nothing is written before it was seen. */
export function registerCopyImage(shell: Shell): Disposable {
  return registerCommand(shell, 'gantry.copyImage', {
    program: (options, api) => api.copyImage(options),
    person: async (asked) => {
      const source = await imageFor(shell, asked, 'Copy or Promote Image');
      if (source === undefined) return undefined;
      const found = await briefly((run) => shell.api().inspectImage({ image: source }, run));
      const choices = await choose(shell, source, found);
      return choices === undefined ? undefined : copyAgreed(shell, source, found.digest, choices);
    },
  });
}

async function choose(shell: Shell, source: string, found: InspectImageResult): Promise<Choices | undefined> {
  const platforms = [...new Set(found.platforms.map(({ platform }) => platform))].filter(
    (name) => name !== 'unknown/unknown',
  );
  const title = `Copy ${source} (${shortDigest(found.digest)})`;
  const steps = [(state: Choices, place: StepPlace) => askTarget(shell, source, title, state, place)];
  if (platforms.length > 1) steps.push((state, place) => askPlatforms(platforms, title, state, place));
  return runSteps<Choices>({ target: source }, steps);
}

async function askTarget(
  shell: Shell,
  source: string,
  title: string,
  state: Choices,
  place: StepPlace,
): Promise<Choices | Back | undefined> {
  const placeholder = 'Where to: registry/repository:tag, or oci:PATH:TAG for a layout on disk';
  const suggestions = targetsFor(shell, source);
  const target = await askReference(shell, { title, placeholder, place, value: state.target, suggestions });
  return typeof target === 'string' ? { ...state, target } : target;
}

/** The same repository and tag in every other registry that may be written to. */
function targetsFor(shell: Shell, source: string): readonly { readonly label: string; readonly description: string }[] {
  const reference = registryReference(source);
  if (reference === undefined) return [];
  const others = shell.registries
    .all()
    .filter(({ name, readOnly }) => readOnly !== true && name !== reference.registry);
  const tag = reference.tag ?? 'latest';
  return others.map(({ name, alias }) => ({
    label: `${name}/${reference.repository}:${tag}`,
    description: alias ?? 'same name there',
  }));
}

async function askPlatforms(
  platforms: readonly string[],
  title: string,
  state: Choices,
  place: StepPlace,
): Promise<Choices | Back | undefined> {
  const choices = platforms.map((label) => ({ label, value: label }));
  const placeholder = 'All platforms travel with their digest unchanged; fewer make a new index';
  const picked = await askMany(choices, { title, place, placeholder });
  if (picked === undefined || picked === back) return picked;
  return picked.length === platforms.length ? { target: state.target } : { target: state.target, platforms: picked };
}

/** Copies the image of a digest after the person agreed to the plan. Undefined: they did not. @throws OciError */
export async function copyAgreed(
  shell: Shell,
  source: string,
  digest: string,
  choices: Choices,
): Promise<CopyImageResult | undefined> {
  // The image is the one that was shown, wherever its tag moves meanwhile.
  const options = { source: withDigest(source, digest), ...choices };
  const plan = await withProgress(`Planning the copy to ${choices.target}`, (run) =>
    shell.api().copyImage({ ...options, dryRun: true }, run),
  );
  const move = await briefly(({ signal }) => tagMove(shell, choices.target, plan.digest, signal));
  const detail = [
    `from ${source}`,
    `digest ${shortDigest(plan.digest)}${choices.platforms === undefined ? ', unchanged' : ` (new: ${choices.platforms.join(', ')})`}`,
    planLine(plan.blobs, plan.bytesTransferred),
    ...moveLines(shell, move),
  ];
  const action = moves(move) ? 'Copy and Move the Tag' : 'Copy';
  const agreed = await shell.notify.confirm(`Copy to ${choices.target}?`, {
    detail,
    action,
    severity: severityOf(move),
  });
  if (!agreed) return undefined;
  const done = await withProgress(`Copying to ${choices.target}`, (run) =>
    shell.api().copyImage({ ...options, overwrite: overwriteOf(move) }, run),
  );
  const text = `${done.target} is ${shortDigest(done.digest)}: ${doneLine(done.blobs, done.bytesTransferred)}.`;
  reportWrite(shell, text, { ...move, next: done.digest }, moves(move) ? [move] : []);
  return done;
}
