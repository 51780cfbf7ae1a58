import type { ConfigChanges, ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { plannedUser, plannedWords, type PlanSetting } from './planRows.ts';
import { joinWords, splitWords } from './splitWords.ts';

/** What of the config a person writes as a line of text. */
export type ConfigSetting = Exclude<PlanSetting, 'base' | 'target' | 'platforms' | 'secrets' | 'stages'>;

/** The line that is changed: what was chosen, else what the plan has; empty where both leave it to the base. */
export function configLine(plan: ContainerizeResult, options: ContainerizeOptions, setting: ConfigSetting): string {
  if (setting === 'user') return plannedUser(plan, options) ?? '';
  return joinWords(options.config?.[setting] ?? plannedWords(plan, setting) ?? []);
}

/**
 * All that is chosen of the config once a line is written. Undefined where it is as it was: an empty line that nobody touched
 * must not take away what the base has. A user that is taken out is the base's again.
 */
export function changedConfig(
  plan: ContainerizeResult,
  options: ContainerizeOptions,
  setting: ConfigSetting,
  line: string,
): ConfigChanges | undefined {
  const text = line.trim();
  if (text === configLine(plan, options, setting)) return undefined;
  if (setting !== 'user') return { ...options.config, [setting]: splitWords(text) };
  if (text !== '') return { ...options.config, user: text };
  return Object.fromEntries(Object.entries(options.config ?? {}).filter(([name]) => name !== 'user'));
}
