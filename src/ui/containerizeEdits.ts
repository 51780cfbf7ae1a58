import type { ConfigChanges, ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { askBase } from './containerizeBase.ts';
import type { Subject } from './containerizeSubject.ts';
import { askStages } from './dockerfileStages.ts';
import { changedConfig, configLine, type ConfigSetting } from './planConfig.ts';
import type { PlanSetting } from './planRows.ts';
import { askMany, askText } from './prompts.ts';
import { askReference } from './references.ts';
import type { Shell } from './shell.ts';
import { splitWords } from './splitWords.ts';

const place = { step: 1, totalSteps: 1 };

/** Asks for one setting of a plan. Undefined: it stays as it is. */
export async function editPlan(
  shell: Shell,
  subject: Subject,
  options: ContainerizeOptions,
  plan: ContainerizeResult,
  setting: PlanSetting,
): Promise<ContainerizeOptions | undefined> {
  const title = `Containerize ${subject.name}`;
  if (setting === 'secrets') return { ...options, secrets: options.secrets !== true };
  if (setting === 'base') {
    const changed = await askBase(shell, title, subject, { base: plan.base.reference, ...options }, place);
    return typeof changed === 'object' ? changed : undefined;
  }
  if (setting === 'target') {
    const target = await askReference(shell, { title, placeholder: 'The image to write', value: plan.target, place });
    return typeof target === 'string' ? { ...options, target } : undefined;
  }
  if (setting === 'stages') {
    const stages = options.dockerfile === undefined ? undefined : await askStages(shell, options.dockerfile);
    return stages === undefined ? undefined : { ...options, stages };
  }
  if (setting === 'platforms') return editPlatforms(title, options, plan);
  const config = await editConfig(title, options, plan, setting);
  return config === undefined ? undefined : { ...options, config };
}

/** What most clusters and machines are. */
const usualPlatforms = ['linux/amd64', 'linux/arm64'];

async function editPlatforms(
  title: string,
  options: ContainerizeOptions,
  { platforms, missingPlatforms }: ContainerizeResult,
): Promise<ContainerizeOptions | undefined> {
  // A program that is there is for its own platforms; what is built or copied can be for others.
  const others = options.file === undefined ? usualPlatforms : [];
  const all = [...new Set([...platforms, ...missingPlatforms, ...others])];
  const chosen = await askMany(
    all.map((label) => ({ label, value: label, picked: platforms.includes(label) })),
    { title, placeholder: 'The platforms to build and to write' },
  );
  return typeof chosen === 'object' ? { ...options, platforms: chosen } : undefined;
}

const prompts: Readonly<Record<ConfigSetting, string>> = {
  entrypoint: 'The program to start with its first arguments; quote what has blanks.',
  cmd: 'Arguments that whoever runs the image may replace.',
  user: 'The user to run as, such as 65532 or nonroot.',
  env: 'Variables, such as PORT=8080 MODE=production; quote what has blanks.',
  ports: 'Ports, such as 8080 53/udp.',
};

/** What each word must look like, and what is said where one does not. */
const shapes: Readonly<Partial<Record<ConfigSetting, { readonly shape: RegExp; readonly wrong: string }>>> = {
  env: { shape: /^[^=\s]+=/, wrong: 'is no variable: write NAME=value' },
  ports: { shape: /^\d{1,5}(?:\/(?:tcp|udp|sctp))?$/, wrong: 'is no port: write 8080, or 53/udp' },
};

async function editConfig(
  title: string,
  options: ContainerizeOptions,
  plan: ContainerizeResult,
  setting: ConfigSetting,
): Promise<ConfigChanges | undefined> {
  const value = configLine(plan, options, setting);
  const validate = (line: string): string | undefined => wrongWord(setting, line);
  const text = await askText({ title, prompt: prompts[setting], value, validate });
  return typeof text === 'string' ? changedConfig(plan, options, setting, text) : undefined;
}

/** What is wrong with a line for a setting; undefined where nothing is. */
function wrongWord(setting: ConfigSetting, line: string): string | undefined {
  const { shape, wrong } = shapes[setting] ?? {};
  const word = shape === undefined ? undefined : splitWords(line).find((one) => !shape.test(one));
  return word === undefined ? undefined : `${word} ${wrong ?? ''}`;
}
