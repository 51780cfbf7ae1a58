import type { ConfigChanges, ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { askBase } from './containerizeBase.ts';
import type { Subject } from './containerizeSubject.ts';
import type { PlanSetting } from './planRows.ts';
import { askMany, askText } from './prompts.ts';
import { askReference } from './references.ts';
import type { Shell } from './shell.ts';
import { type Back, back } from './steps.ts';
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
  if (setting === 'base') return kept(await askBase(shell, title, subject, options, place));
  if (setting === 'target') {
    const target = await askReference(shell, { title, placeholder: 'The image to write', value: plan.target, place });
    return typeof target === 'string' ? { ...options, target } : undefined;
  }
  if (setting === 'platforms') return editPlatforms(title, options, plan);
  const changes = await editConfig(title, options, plan, setting);
  return changes === undefined ? undefined : { ...options, config: { ...options.config, ...changes } };
}

async function editPlatforms(
  title: string,
  options: ContainerizeOptions,
  { platforms, missingPlatforms }: ContainerizeResult,
): Promise<ContainerizeOptions | undefined> {
  const all = [...platforms, ...missingPlatforms];
  const chosen = await askMany(
    all.map((label) => ({ label, value: label, picked: platforms.includes(label) })),
    { title, placeholder: 'The platforms to build and to write' },
  );
  return chosen === undefined || chosen === back ? undefined : { ...options, platforms: chosen };
}

const prompts: Readonly<Record<Exclude<PlanSetting, 'base' | 'target' | 'platforms' | 'secrets'>, string>> = {
  entrypoint: 'The program to start with its first arguments; quote what has blanks.',
  cmd: 'Arguments that whoever runs the image may replace.',
  user: 'The user to run as, such as 65532 or nonroot.',
  env: 'Variables, such as PORT=8080 MODE=production; quote what has blanks.',
  ports: 'Ports, such as 8080 53/udp.',
};

async function editConfig(
  title: string,
  { config = {} }: ContainerizeOptions,
  plan: ContainerizeResult,
  setting: keyof typeof prompts,
): Promise<ConfigChanges | undefined> {
  const value =
    setting === 'user' ? (config.user ?? '') : (config[setting] ?? planned(plan, setting)).map(quoted).join(' ');
  const text = await askText({ title, prompt: prompts[setting], value });
  if (typeof text !== 'string') return undefined;
  return setting === 'user' ? { user: text.trim() } : { [setting]: splitWords(text) };
}

/** The words of a command as the plan has them. */
function planned({ config }: ContainerizeResult, setting: string): readonly string[] {
  const member = { entrypoint: 'Entrypoint', cmd: 'Cmd' }[setting];
  const after = config.find((one) => one.member === member)?.after ?? '[]';
  const words: unknown = JSON.parse(after);
  return Array.isArray(words) ? words.map(String) : [];
}

function quoted(word: string): string {
  return /^[^\s"'\\]+$/.test(word) ? word : JSON.stringify(word);
}

function kept<Value>(answer: Value | Back | undefined): Value | undefined {
  return answer === back ? undefined : answer;
}
