import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { isArchive, placeOf } from '../browse/places.ts';
import { askBase } from './containerizeBase.ts';
import { editPlan } from './containerizeEdits.ts';
import { showPlan } from './containerizePlan.ts';
import { inWords } from './containerizeProgress.ts';
import { saveSpec } from './containerizeSpec.ts';
import { chooseSubject, type Subject, subjectsOf } from './containerizeSubject.ts';
import { suggestTarget } from './containerizeTarget.ts';
import { stagesOf } from './dockerfileStages.ts';
import { moves, type TagMove, tagMove } from './overwrite.ts';
import { agreedOverwrite } from './planMoves.ts';
import { fails } from './planRows.ts';
import { assertTrusted } from './policy.ts';
import { briefly, withProgress } from './progress.ts';
import { askReference, withTag } from './references.ts';
import { reportImage } from './reportImage.ts';
import type { Shell } from './shell.ts';
import { back, type Back, runSteps, type Step, type StepPlace } from './steps.ts';

/** The gesture on files of this machine. Undefined: given up. */
export async function containerize(
  shell: Shell,
  files: readonly string[],
  repository?: string,
): Promise<ContainerizeResult | undefined> {
  assertTrusted();
  const choices = await subjectsOf(shell, files);
  for (;;) {
    const subject = await chooseSubject(choices, files);
    if (subject === undefined) return undefined;
    const isChosen = choices.length > 1;
    const done = await containerizeSubject({ shell, subject, isChosen }, repository);
    if (done !== back) return done;
  }
}

/** What a question is about. */
interface Asking {
  readonly shell: Shell;
  readonly subject: Subject;
  /** True where the subject was chosen from several: there is a way back to them. */
  readonly isChosen: boolean;
}

async function containerizeSubject(
  asking: Asking,
  repository: string | undefined,
): Promise<ContainerizeResult | Back | undefined> {
  const { shell, subject } = asking;
  const stages = await stagesOf(shell, subject.options.dockerfile);
  if (stages === undefined) return undefined;
  const isNamed = subject.hasTarget === true && repository === undefined;
  const target = isNamed ? {} : { target: suggestTarget(shell, subject, repository) };
  const options = await askAll(asking, { ...subject.options, stages, ...target });
  return typeof options === 'object' ? agree(asking, options) : options;
}

/** Asks for base and target, as far as they are not said. Back: to the choice of the subject. Undefined: given up. */
async function askAll(asking: Asking, start: ContainerizeOptions): Promise<ContainerizeOptions | Back | undefined> {
  const before = asking.isChosen ? 1 : 0;
  const steps = stepsOf(asking.shell, asking.subject);
  const left: Back[] = [];
  const placed = steps.map((step, at): Step<ContainerizeOptions> => async (state, place) => {
    const answer = await step(state, { step: place.step + before, totalSteps: place.totalSteps + before });
    if (answer !== back || at > 0) return answer;
    left.push(answer);
    return undefined;
  });
  const options = await runSteps(start, placed);
  return left[0] ?? options;
}

function stepsOf(shell: Shell, subject: Subject): readonly Step<ContainerizeOptions>[] {
  const title = `Containerize ${subject.name}`;
  const base: Step<ContainerizeOptions> = (state, place) => askBase(shell, title, subject, state, place);
  const target: Step<ContainerizeOptions> = (state, place) => askTarget(shell, title, state, place);
  return [...(subject.hasBase ? [] : [base]), ...(subject.hasTarget === true ? [] : [target])];
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

/** What was chosen, and what it comes to. */
interface Draft {
  /** `build`: what the plan was made of has to be built again. */
  readonly options: ContainerizeOptions;
  readonly plan: ContainerizeResult;
  /** Tags that name another image now, and the archive that is there. */
  readonly moving: readonly TagMove[];
}

/** Plans, shows the plan, changes what the person wants changed, and writes what was agreed to. Undefined: given up. */
async function agree(asking: Asking, first: ContainerizeOptions): Promise<ContainerizeResult | Back | undefined> {
  const { shell, subject } = asking;
  const isAsked = stepsOf(shell, subject).length > 0;
  const hasBack = asking.isChosen || isAsked;
  let draft = await draftOf(asking, first);
  for (;;) {
    const { options, plan, moving } = draft;
    const answer = await showPlan(shell, { plan, options, moving, hasBack });
    if (answer === undefined) return undefined;
    if (answer === 'write') return write(shell, subject, draft);
    if (answer === 'back' && !isAsked) return back;
    if (answer === 'spec') {
      if (await saveSpec(shell, options, plan)) return undefined;
      continue;
    }
    const changed =
      answer === 'back' ? await askAll(asking, options) : await editPlan(shell, subject, options, plan, answer.edits);
    // Who goes back and then gives up is done; who gives up changing one thing still has the plan.
    if (typeof changed === 'object') draft = await redraft(asking, draft, changed);
    else if (answer === 'back') return changed;
  }
}

async function draftOf(asking: Asking, options: ContainerizeOptions): Promise<Draft> {
  const { shell, subject } = asking;
  const plan = await withProgress(`Planning ${subject.name}`, (run) =>
    shell.api().containerize({ ...options, dryRun: true }, inWords(run)),
  );
  const moving = await briefly(({ signal }) => movesOf(shell, plan, signal));
  return { options: { ...options, build: false }, plan, moving };
}

/** What is moved of the target's tag and of the others, which an archive does not have. */
async function movesOf(
  shell: Shell,
  { target, tags, digest }: ContainerizeResult,
  signal: AbortSignal,
): Promise<readonly TagMove[]> {
  const others = isArchive(placeOf(target)) ? [] : tags.map((tag) => withTag(target, tag));
  const found = await Promise.all([target, ...others].map((one) => tagMove(shell, one, digest, signal)));
  return found.filter(moves);
}

/** The plan with what was changed. Where that cannot be, the reason is shown and the plan stays as it was. */
async function redraft(asking: Asking, before: Draft, changed: ContainerizeOptions): Promise<Draft> {
  const build = needsBuild(before.options, changed);
  try {
    return await draftOf(asking, { ...changed, build });
  } catch (error) {
    // It waits until the message is answered.
    void asking.shell.notify.failure(error);
    // What was built for the change may lie where the plan's own was.
    return { ...before, options: { ...before.options, build } };
  }
}

/** What is built depends on where it will run: other changes need no build, where what was built is still there. */
function needsBuild(before: ContainerizeOptions, after: ContainerizeOptions): boolean {
  const isSame = before.base === after.base && before.platforms?.join() === after.platforms?.join();
  return before.build === true || !isSame;
}

async function write(shell: Shell, { name }: Subject, { options, plan, moving }: Draft): Promise<ContainerizeResult> {
  const agreed = { ...options, digest: plan.digest, force: fails(plan), overwrite: agreedOverwrite(moving) };
  const done = await withProgress(`Containerizing ${name}`, (run) => shell.api().containerize(agreed, inWords(run)));
  reportImage(shell, done, moving);
  return done;
}
