import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { counted, formatBytes } from '../browse/text.ts';
import { shortDigest } from '../oci/digest.ts';
import { joinWords } from './splitWords.ts';

/** One line of a plan. */
export interface PlanRow {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** The id of a codicon. */
  readonly icon: string;
  /** What Enter on it changes. */
  readonly edits?: PlanSetting;
}

/** What of a plan can be changed. */
export type PlanSetting =
  'base' | 'target' | 'entrypoint' | 'cmd' | 'user' | 'env' | 'ports' | 'platforms' | 'secrets' | 'stages';

export interface PlanSection {
  readonly title: string;
  readonly rows: readonly PlanRow[];
}

/** A plan as sections of lines, what matters most first. */
export function planSections(plan: ContainerizeResult, options: ContainerizeOptions): readonly PlanSection[] {
  return [
    { title: 'Will it run?', rows: preflightRows(plan) },
    { title: 'Warnings', rows: plan.warnings.map((warning) => warningRow(warning, options)) },
    { title: 'Image', rows: [...settingRows(plan, options), ...stageRows(options)] },
    { title: 'Layers', rows: plan.layers.map(layerRow) },
    { title: 'Config', rows: plan.config.filter(isNews).map(configRow) },
  ].filter(({ rows }) => rows.length > 0);
}

/** Whether something that the image starts fails. */
export function fails({ preflight }: ContainerizeResult): boolean {
  return preflight.some(({ verdict }) => verdict === 'fails');
}

function preflightRows({ preflight }: ContainerizeResult): readonly PlanRow[] {
  return preflight.map(({ platform, program, verdict, reasons }) => {
    const words = { runs: 'will run', fails: 'will not run', unknown: 'cannot tell' }[verdict];
    const reason = reasons.find(({ effect }) => effect !== 'note') ?? reasons[0];
    const detail = reason === undefined ? undefined : [reason.text, reason.fix ?? ''].join(' ').trim();
    const icon = { runs: 'pass', fails: 'error', unknown: 'question' }[verdict];
    return { label: `${program}: ${words}`, description: platform, icon, ...(detail === undefined ? {} : { detail }) };
  });
}

function warningRow(
  { code, text, paths }: ContainerizeResult['warnings'][number],
  { secrets = false }: ContainerizeOptions,
): PlanRow {
  const description = paths === undefined ? {} : { description: paths.slice(0, 3).join(' ') };
  // What a spec lets in, or puts in by a variable, is not taken out here.
  const isChosen = code === 'secret-included' && secrets && paths !== undefined;
  if (code === 'secret-left-out' || isChosen) {
    const [label, other] =
      code === 'secret-left-out'
        ? ['Leaves out what looks like a secret', 'Enter lets it in.']
        : ['Lets in what looks like a secret', 'Enter leaves it out.'];
    return { label, detail: `${other} ${text}`, icon: 'key', edits: 'secrets', ...description };
  }
  return { label: text, icon: code === 'note' ? 'info' : 'warning', ...description };
}

/** The words of a command as the plan has them; undefined where the plan leaves them as they are in the base. */
export function plannedWords({ config }: ContainerizeResult, setting: string): readonly string[] | undefined {
  const member = { entrypoint: 'Entrypoint', cmd: 'Cmd' }[setting];
  const change = config.find((one) => one.member === member);
  return change === undefined ? undefined : wordsOf(change.after ?? '[]');
}

/** The user that was chosen, or that the plan has; undefined where the plan leaves it to the base. */
export function plannedUser({ config }: ContainerizeResult, options: ContainerizeOptions): string | undefined {
  return options.config?.user ?? config.find(({ member }) => member === 'User')?.after ?? undefined;
}

/** A command is a list in JSON. */
function wordsOf(text: string): readonly string[] {
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) ? words.map(String) : [text];
  } catch {
    return [text];
  }
}

function settingRows(plan: ContainerizeResult, options: ContainerizeOptions): readonly PlanRow[] {
  // What nobody says is the base's, and scratch says nothing.
  const unsaid = plan.base.reference === 'scratch' ? 'none' : "the base's";
  const nobody = unsaid === 'none' ? 'none: it runs as root' : unsaid;
  const words = (setting: string): string => {
    const planned = plannedWords(plan, setting);
    return planned === undefined ? unsaid : joinWords(planned) || 'none';
  };
  const user = plannedUser(plan, options) ?? '';
  const names = (prefix: string): string =>
    plan.config
      .filter(({ member, after }) => member.startsWith(prefix) && after !== null)
      .map(({ member }) => member.slice(prefix.length))
      .join(', ') || unsaid;
  return [
    { label: 'Base', description: plan.base.reference, icon: 'layers', edits: 'base' },
    { label: 'Target', description: [plan.target, ...plan.tags].join(', '), icon: 'tag', edits: 'target' },
    { label: 'Platforms', description: platformText(plan), icon: 'server', edits: 'platforms' },
    { label: 'Entrypoint', description: words('entrypoint'), icon: 'play', edits: 'entrypoint' },
    { label: 'Arguments', description: words('cmd'), icon: 'list-ordered', edits: 'cmd' },
    { label: 'User', description: user === '' ? nobody : user, icon: 'account', edits: 'user' },
    { label: 'Environment', description: names('Env '), icon: 'symbol-variable', edits: 'env' },
    { label: 'Ports', description: names('ExposedPorts '), icon: 'plug', edits: 'ports' },
  ];
}

function stageRows({ stages = {} }: ContainerizeOptions): readonly PlanRow[] {
  return Object.entries(stages).map(([name, folder]) => ({
    label: `COPY --from=${name}`,
    description: folder,
    icon: 'folder',
    edits: 'stages' as const,
  }));
}

/** False for what the rows of the settings say whole. */
function isNews({ member, before }: ContainerizeResult['config'][number]): boolean {
  return before !== null || !['Entrypoint', 'Cmd', 'User'].includes(member);
}

function platformText({ platforms, missingPlatforms }: ContainerizeResult): string {
  const left = missingPlatforms.length === 0 ? '' : ` (left out: ${missingPlatforms.join(', ')})`;
  return `${platforms.join(', ')}${left}`;
}

function layerRow({ name, size, digest, entries, platform, reused }: ContainerizeResult['layers'][number]): PlanRow {
  const there = reused ? 'there already' : 'to upload';
  const of = platform === undefined ? [] : [platform];
  const parts = [formatBytes(size), counted(entries, 'item'), ...of, there, shortDigest(digest)];
  return { label: name, description: parts.join(' · '), icon: 'file-zip' };
}

function configRow({ member, before, after }: ContainerizeResult['config'][number]): PlanRow {
  const change = before === null ? (after ?? '') : `${before} → ${after ?? 'removed'}`;
  return { label: member, description: change, icon: before === null ? 'add' : 'edit' };
}
