import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { counted, formatBytes } from '../browse/text.ts';
import { shortDigest } from '../oci/digest.ts';

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
export type PlanSetting = 'base' | 'target' | 'entrypoint' | 'cmd' | 'user' | 'env' | 'ports' | 'platforms' | 'secrets';

export interface PlanSection {
  readonly title: string;
  readonly rows: readonly PlanRow[];
}

/** A plan as sections of lines, what matters most first. */
export function planSections(plan: ContainerizeResult, options: ContainerizeOptions): readonly PlanSection[] {
  return [
    { title: 'Will it run?', rows: preflightRows(plan) },
    { title: 'Warnings', rows: plan.warnings.map(warningRow) },
    { title: 'Image (Enter changes)', rows: settingRows(plan, options) },
    { title: 'Layers', rows: plan.layers.map(layerRow) },
    { title: 'Config', rows: plan.config.map(configRow) },
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

function warningRow({ code, text, paths }: ContainerizeResult['warnings'][number]): PlanRow {
  const description = paths === undefined ? {} : { description: paths.slice(0, 3).join(' ') };
  const edits = code === 'secret-left-out' || code === 'secret-included' ? { edits: 'secrets' as const } : {};
  return { label: text, icon: code === 'note' ? 'info' : 'warning', ...description, ...edits };
}

function settingRows(plan: ContainerizeResult, options: ContainerizeOptions): readonly PlanRow[] {
  const after = (member: string): string => plan.config.find((one) => one.member === member)?.after ?? "the base's";
  const names = (prefix: string): string =>
    plan.config
      .filter(({ member }) => member.startsWith(prefix))
      .map(({ member }) => member.slice(prefix.length))
      .join(', ') || "the base's";
  return [
    { label: 'Base', description: plan.base.reference, icon: 'layers', edits: 'base' },
    { label: 'Target', description: [plan.target, ...plan.tags].join(', '), icon: 'tag', edits: 'target' },
    { label: 'Platforms', description: platformText(plan), icon: 'server', edits: 'platforms' },
    { label: 'Entrypoint', description: after('Entrypoint'), icon: 'play', edits: 'entrypoint' },
    { label: 'Arguments', description: after('Cmd'), icon: 'list-ordered', edits: 'cmd' },
    { label: 'User', description: options.config?.user ?? after('User'), icon: 'account', edits: 'user' },
    { label: 'Environment', description: names('Env '), icon: 'symbol-variable', edits: 'env' },
    { label: 'Ports', description: names('ExposedPorts '), icon: 'plug', edits: 'ports' },
  ];
}

function platformText({ platforms, missingPlatforms }: ContainerizeResult): string {
  const left = missingPlatforms.length === 0 ? '' : ` (left out: ${missingPlatforms.join(', ')})`;
  return `${platforms.join(', ')}${left}`;
}

function layerRow({ name, size, digest, entries, platform, reused }: ContainerizeResult['layers'][number]): PlanRow {
  const there = reused ? 'there already' : 'to upload';
  const parts = [formatBytes(size), counted(entries, 'item'), ...(platform === undefined ? [] : [platform]), there];
  return { label: name, description: parts.join(' · '), detail: shortDigest(digest), icon: 'file-zip' };
}

function configRow({ member, before, after }: ContainerizeResult['config'][number]): PlanRow {
  const change = before === null ? (after ?? '') : `${before} → ${after ?? 'removed'}`;
  return { label: member, description: change, icon: before === null ? 'add' : 'edit' };
}
