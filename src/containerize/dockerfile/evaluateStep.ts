import type { Io } from '../../content/store.ts';
import { isStopSignal } from '../../operations/mutateConfig.ts';
import { quoted, wrong } from './complaints.ts';
import type { CommandForm, Step } from './dockerfile.ts';
import { evaluateCopy } from './evaluateCopy.ts';
import { exposedPort } from './ports.ts';
import type { Sources } from './sources.ts';
import type { StageState } from './stageState.ts';

/** What instructions are evaluated with. */
export interface Evaluation {
  readonly state: StageState;
  readonly sources: Sources;
  /** Of the stage, from 0: only earlier ones can be copied from. */
  readonly index: number;
  readonly globalArgs: ReadonlyMap<string, string>;
  /** Build arguments that are given from outside. */
  readonly args: Readonly<Record<string, string>>;
}

type ConfigStep = Exclude<Step, { readonly kind: 'copy' | 'add' | 'run' | 'workdir' | 'arg' | 'env' }>;

const noRun =
  'RUN needs a container, and nothing is executed here: move it to an earlier stage, build that with your own tools, and COPY --from it.';

/** Does what an instruction says. @throws OciError invalid-spec where it cannot be done without running something */
export async function evaluateStep(step: Step, evaluation: Evaluation, io: Io): Promise<void> {
  const { state } = evaluation;
  if ('destination' in step) await evaluateCopy(step, state, evaluation, io);
  else if (step.kind === 'run') throw wrong(noRun);
  else if (step.kind === 'workdir') await changeFolder(step.value, state, evaluation.sources);
  else if (step.kind === 'arg') {
    for (const { name, default: fallback } of step.args) {
      const value = argument(name, fallback, evaluation);
      // One without a value leaves what the name stood for.
      if (value !== undefined) state.setArg(name, value);
    }
  } else if (step.kind === 'env') {
    // All of one instruction see what was before it.
    const pairs = step.pairs.map(({ name, value }) => [state.expand(name), state.expand(value)] as const);
    for (const [name, value] of pairs) state.setEnv(named(name, 'ENV'), value);
  } else changeConfig(step, state);
}

function changeConfig(step: ConfigStep, state: StageState): void {
  switch (step.kind) {
    case 'label':
      for (const { name, value } of step.pairs)
        state.labels.set(named(state.expand(name), 'LABEL'), state.expand(value));
      break;
    case 'cmd':
      state.cmd = commandLine(step.command, state);
      state.isCmdOfStage = true;
      break;
    case 'entrypoint':
      state.entrypoint = commandLine(step.command, state);
      if (!state.isCmdOfStage) state.cmd = undefined;
      break;
    case 'expose':
      for (const word of step.words) for (const port of state.expandWords(word)) state.ports.add(exposedPort(port));
      break;
    case 'volume':
      for (const word of step.words) state.volumes.add(volume(state.expand(word)));
      break;
    case 'user':
      state.user = state.expand(step.value);
      state.isUserSet = true;
      break;
    case 'stopsignal':
      state.stopSignal = stopSignal(state.expand(step.value));
      break;
    case 'maintainer':
      state.author = step.value;
      break;
    case 'shell':
      state.shell = step.words;
      break;
    case 'healthcheck':
      state.healthcheck = step.healthcheck;
      break;
    case 'onbuild':
      state.warnings.push({
        code: 'not-supported',
        text: `${step.text} is left out: images made here have no triggers.`,
      });
  }
}

function argument(
  name: string,
  fallback: string | undefined,
  { state, args, globalArgs }: Evaluation,
): string | undefined {
  if (Object.hasOwn(args, name)) return args[name];
  return fallback === undefined ? globalArgs.get(name) : state.expand(fallback);
}

function named(name: string, keyword: string): string {
  if (name === '') throw wrong(`${keyword}: a name comes to nothing.`);
  return name;
}

/** Variables in commands are the shell's own. */
function commandLine({ form, words }: CommandForm, state: StageState): readonly string[] {
  if (form === 'json') return words;
  const shells = [state.shell ?? [], state.base.shell, ['/bin/sh', '-c']];
  return [...(shells.find((shell) => shell.length > 0) ?? []), ...(words.length === 0 ? [''] : words)];
}

function volume(place: string): string {
  if (place.startsWith('/')) return place;
  throw wrong(`VOLUME ${quoted(place)} must be an absolute path.`);
}

function stopSignal(signal: string): string {
  if (isStopSignal(signal)) return signal;
  throw wrong(`STOPSIGNAL ${quoted(signal)} is no signal: write a name such as SIGTERM, or a number from 1 to 64.`);
}

/** As docker, the folder is made where it is missing, for the user of that moment. */
async function changeFolder(written: string, state: StageState, sources: Sources): Promise<void> {
  const folder = state.expand(written);
  if (folder === '') throw wrong(`WORKDIR ${quoted(written)} comes to nothing.`);
  state.workdir = state.place(folder);
  state.isWorkdirSet = true;
  await sources.makeWorkdir(state);
}
