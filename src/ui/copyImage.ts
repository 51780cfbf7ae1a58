import type { CopyImageResult, InspectImageResult } from '../api.ts';
import { isLocal, placeOf } from '../browse/places.ts';
import { pushedName } from '../browse/pushedName.ts';
import { shortDigest } from '../oci/digest.ts';
import type { Commands } from './command.ts';
import {
  actionOf,
  doneLine,
  moveLines,
  moves,
  overwriteOf,
  planLine,
  reportWrite,
  severityOf,
  tagMove,
} from './overwrite.ts';
import { briefly, withProgress } from './progress.ts';
import { askMany } from './prompts.ts';
import { askReference, imageFor, withDigest } from './references.ts';
import type { Shell } from './shell.ts';
import { back, type Back, runSteps, type StepPlace } from './steps.ts';

/** Where an image goes and how much of it. */
export interface Choices {
  readonly target: string;
  /** Absent: the image as it is. */
  readonly platforms?: readonly string[];
}

/** `gantry.copyImage`: source, target, platforms, then the plan; nothing is written before it was seen. */
export function copyImageCommands(shell: Shell): Commands {
  return {
    'gantry.copyImage': {
      program: (options, api) => api.copyImage(options),
      person: async (asked) => {
        const source = await imageFor(shell, asked, 'Copy or Promote Image');
        return source === undefined ? undefined : copyFrom(shell, source);
      },
    },
  };
}

/** Asks where an image goes, shows the plan and copies it. Undefined: given up. @throws OciError */
export async function copyFrom(shell: Shell, source: string): Promise<CopyImageResult | undefined> {
  const found = await briefly((run) => shell.api().inspectImage({ image: source }, run));
  const choices = await choose(shell, source, found);
  return choices === undefined ? undefined : copyAgreed(shell, source, found.digest, choices);
}

async function choose(shell: Shell, source: string, found: InspectImageResult): Promise<Choices | undefined> {
  const platforms = platformsOf(found);
  const title = `Copy ${source} (${shortDigest(found.digest)})`;
  const steps = [(state: Choices, place: StepPlace) => askTarget(shell, source, title, state, place)];
  if (platforms.length > 1) steps.push((state, place) => askPlatforms(platforms, title, state, place));
  const [target = source] = isLocal(placeOf(source)) ? targetsFor(shell, source).map(({ label }) => label) : [];
  return runSteps<Choices>({ target }, steps);
}

/** The platforms of an image, each once, without attestations. */
export function platformsOf(found: InspectImageResult): readonly string[] {
  return [...new Set(found.platforms.map(({ platform }) => platform))].filter((name) => name !== 'unknown/unknown');
}

async function askTarget(
  shell: Shell,
  source: string,
  title: string,
  state: Choices,
  place: StepPlace,
): Promise<Choices | Back | undefined> {
  const placeholder = 'Where to: registry/repository:tag, or oci:PATH:TAG or oci-archive:PATH:TAG on disk';
  const suggestions = targetsFor(shell, source);
  const target = await askReference(shell, { title, placeholder, place, value: state.target, suggestions });
  return typeof target === 'string' ? { ...state, target } : target;
}

/** The same repository and tag in every other registry that may be written to. */
function targetsFor(shell: Shell, source: string): readonly { readonly label: string; readonly description: string }[] {
  const place = placeOf(source);
  const { repository, tag } = isLocal(place) ? pushedName(place) : place;
  const others = shell.registries.all().filter(({ name, readOnly }) => readOnly !== true && name !== place.registry);
  return others.map(({ name, alias }) => ({
    label: `${name}/${repository}:${tag ?? 'latest'}`,
    description: alias ?? 'same name there',
  }));
}

/** Asks which platforms travel. */
export async function askPlatforms(
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
    digestLine(plan.digest, digest, choices),
    planLine(plan.blobs, plan.bytesTransferred),
    ...moveLines(shell, move),
  ];
  const agreed = await shell.notify.confirm(`Copy to ${choices.target}?`, {
    detail,
    action: actionOf(move, 'Copy'),
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

/** What happens to the digest. A docker archive keeps no manifest: its readers make one of config and layers. */
function digestLine(next: string, digest: string, { target, platforms }: Choices): string {
  const short = `digest ${shortDigest(next)}`;
  if (placeOf(target).registry === 'docker-archive')
    return `${short}: config and layers stay as they are, the manifest is not kept`;
  if (next === digest) return `${short}, unchanged`;
  return `${short} (new${platforms === undefined ? '' : `: ${platforms.join(', ')}`})`;
}
