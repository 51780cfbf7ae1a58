import { type Disposable, QuickInputButtons, type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { formatBytes, visibleText } from '../browse/text.ts';
import { shortDigest } from '../oci/digest.ts';
import { actionOf, moveLines, moves, type TagMove } from './overwrite.ts';
import { fails, type PlanRow, planSections, type PlanSetting } from './planRows.ts';
import type { Shell } from './shell.ts';

/** What a person does with a plan. Undefined: gives it up. */
export type PlanAnswer = 'write' | 'spec' | 'back' | { readonly edits: PlanSetting };

interface PlanItem extends QuickPickItem {
  readonly answer?: PlanAnswer;
}

/** Shows what an image will be, and asks what to do. @throws OciError already-exists where the settings let no tag move */
export async function showPlan(
  shell: Shell,
  plan: ContainerizeResult,
  options: ContainerizeOptions,
  move: TagMove,
): Promise<PlanAnswer | undefined> {
  const lost = moveLines(shell, move).filter((line) => line !== '');
  const pick = window.createQuickPick<PlanItem>();
  pick.title = visibleText(`Containerize: the plan for ${plan.target}`);
  pick.placeholder = visibleText(`${shortDigest(plan.digest)} · ${formatBytes(plan.bytesTransferred)} to upload`);
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  pick.buttons = [QuickInputButtons.Back];
  pick.items = [...actions(plan, move, lost), ...rows(plan, options)];
  return new Promise((resolve) => {
    const all: Disposable[] = [];
    const finish = (answer: PlanAnswer | undefined): void => {
      resolve(answer);
      all.splice(0).forEach((one) => void one.dispose());
      pick.dispose();
    };
    all.push(
      pick.onDidAccept(() => {
        const answer = pick.activeItems[0]?.answer;
        if (answer !== undefined) finish(answer);
      }),
      pick.onDidTriggerButton(() => finish('back')),
      pick.onDidHide(() => finish(undefined)),
    );
    pick.show();
  });
}

function actions(plan: ContainerizeResult, move: TagMove, lost: readonly string[]): readonly PlanItem[] {
  const words = actionOf(move, 'Push');
  const isBad = fails(plan) || moves(move);
  const write: PlanItem = {
    label: fails(plan) ? `${words}, although it will not run` : words,
    description: visibleText([plan.target, ...plan.tags].join(', ')),
    detail: visibleText(lost.join(' ') || `the image will be ${shortDigest(plan.digest)}`),
    iconPath: new ThemeIcon(isBad ? 'warning' : 'cloud-upload'),
    answer: 'write',
  };
  const spec: PlanItem = {
    label: 'Save as Spec…',
    description: 'gantry.yaml: the same image again, by a task or a program',
    iconPath: new ThemeIcon('save'),
    answer: 'spec',
  };
  const base: PlanItem = {
    label: 'Choose Another Base…',
    iconPath: new ThemeIcon('layers'),
    answer: { edits: 'base' },
  };
  return fails(plan) ? [base, write, spec] : [write, spec];
}

function rows(plan: ContainerizeResult, options: ContainerizeOptions): readonly PlanItem[] {
  return planSections(plan, options).flatMap(({ title, rows: lines }) => [
    { label: title, kind: QuickPickItemKind.Separator },
    ...lines.slice(0, 100).map(itemOf),
  ]);
}

function itemOf({ label, description, detail, icon, edits }: PlanRow): PlanItem {
  return {
    label: visibleText(label),
    iconPath: new ThemeIcon(icon),
    ...(description === undefined ? {} : { description: visibleText(description) }),
    ...(detail === undefined ? {} : { detail: visibleText(detail) }),
    ...(edits === undefined ? {} : { answer: { edits } }),
  };
}
