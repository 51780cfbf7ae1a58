import { type Disposable, QuickInputButtons, type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { isLocal, placeOf } from '../browse/places.ts';
import { counted, formatBytes, visibleText } from '../browse/text.ts';
import { shortDigest } from '../oci/digest.ts';
import { actionOf, moveLines, moves, type TagMove } from './overwrite.ts';
import { fails, type PlanRow, planSections, type PlanSetting } from './planRows.ts';
import type { Shell } from './shell.ts';

/** What a person does with a plan. Undefined: gives it up. */
export type PlanAnswer = 'write' | 'spec' | 'back' | { readonly edits: PlanSetting };

interface PlanItem extends QuickPickItem {
  readonly answer?: PlanAnswer;
}

/** What is shown. */
export interface ShownPlan {
  readonly plan: ContainerizeResult;
  readonly options: ContainerizeOptions;
  readonly move: TagMove;
  /** Whether there is a question to go back to. */
  readonly hasBack: boolean;
}

/** Shows what an image will be, and asks what to do. @throws OciError already-exists where the settings let no tag move */
export async function showPlan(
  shell: Shell,
  { plan, options, move, hasBack }: ShownPlan,
): Promise<PlanAnswer | undefined> {
  const lost = moveLines(shell, move).filter((line) => line !== '');
  const pick = window.createQuickPick<PlanItem>();
  pick.title = visibleText(`Containerize: the plan for ${plan.target}`);
  pick.placeholder = 'Enter does what is selected, or changes a setting';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  if (hasBack) pick.buttons = [QuickInputButtons.Back];
  pick.items = [...actions(plan, move, lost), ...rows(plan, options)];
  pick.prompt = verdictOf(plan);
  return new Promise((resolve) => {
    const all: Disposable[] = [];
    const finish = (answer: PlanAnswer | undefined): void => {
      resolve(answer);
      all.splice(0).forEach((one) => void one.dispose());
      pick.dispose();
    };
    all.push(
      pick.onDidChangeActive(([active]) => (pick.prompt = whole(active) ?? verdictOf(plan))),
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

/** About what a row of the list shows before it cuts, in characters. */
const rowLength = 80;
/** Characters of the text above the list, which is wrapped. */
const maxPrompt = 1000;

/** The text of a row that is too short for it. */
function whole({ label, description = '', detail = '' }: PlanItem = { label: '' }): string | undefined {
  if (detail.length > rowLength) return visibleText(detail, maxPrompt);
  return label.length + description.length > rowLength ? visibleText(`${label} ${description}`, maxPrompt) : undefined;
}

/** Whether the image will run, and where not, why: what a person has to know before anything else. */
function verdictOf(plan: ContainerizeResult): string {
  const failing = plan.preflight.find(({ verdict }) => verdict === 'fails');
  const reason = failing?.reasons.find(({ effect }) => effect === 'fails');
  if (failing === undefined) return `${counted(plan.layers.length, 'new layer')}, ${uploadText(plan)}`;
  const why = [reason?.text ?? '', reason?.fix ?? ''].join(' ').trim();
  return visibleText(`The image will not run on ${failing.platform}. ${why}`.trim(), maxPrompt);
}

function uploadText({ target, bytesTransferred }: ContainerizeResult): string {
  const verb = isLocal(placeOf(target)) ? 'write' : 'upload';
  return bytesTransferred === 0 ? `nothing to ${verb}` : `${formatBytes(bytesTransferred)} to ${verb}`;
}

function actions(plan: ContainerizeResult, move: TagMove, lost: readonly string[]): readonly PlanItem[] {
  const words = actionOf(move, isLocal(placeOf(plan.target)) ? 'Write' : 'Push');
  const isBad = fails(plan) || moves(move);
  const write: PlanItem = {
    label: fails(plan) ? `${words}, although it will not run` : words,
    description: visibleText([plan.target, ...plan.tags].join(', ')),
    detail: visibleText(lost.join(' ') || `the image will be ${shortDigest(plan.digest)} · ${uploadText(plan)}`),
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
    description: visibleText(`${plan.base.reference} will not do`),
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
