import path from 'node:path';
import { type Disposable, QuickInputButtons, type QuickPickItem, QuickPickItemKind, ThemeIcon, window } from 'vscode';
import type { ContainerizeOptions, ContainerizeResult } from '../api.ts';
import { isLocal, placeOf } from '../browse/places.ts';
import { counted, formatBytes, visibleText } from '../browse/text.ts';
import { shortDigest } from '../oci/digest.ts';
import { inputText, rowText } from './inputText.ts';
import { actionOf, moveLines, type TagMove } from './overwrite.ts';
import { fails, type PlanRow, planSections, type PlanSetting } from './planRows.ts';
import type { Shell } from './shell.ts';

/** What a person does with a plan. Undefined: gives it up. */
export type PlanAnswer = 'write' | 'spec' | 'back' | { readonly edits: PlanSetting };

interface PlanItem extends QuickPickItem {
  readonly answer?: PlanAnswer;
  /** The text of a row that is too short for it. */
  readonly whole?: string | undefined;
}

/** What is shown. */
export interface ShownPlan {
  readonly plan: ContainerizeResult;
  readonly options: ContainerizeOptions;
  /** Tags that name another image now, and the archive that is there. */
  readonly moving: readonly TagMove[];
  /** Whether there is a question to go back to. */
  readonly hasBack: boolean;
}

/** Shows what an image will be, and asks what to do. @throws OciError already-exists where the settings let no tag move */
export async function showPlan(
  shell: Shell,
  { plan, options, moving, hasBack }: ShownPlan,
): Promise<PlanAnswer | undefined> {
  const lost = moving.map((move) => lostBy(shell, move, plan));
  const pick = window.createQuickPick<PlanItem>();
  pick.title = visibleText(`Containerize: the plan for ${plan.target}`);
  pick.placeholder = 'Enter does what is selected, or changes a setting';
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  if (hasBack) pick.buttons = [QuickInputButtons.Back];
  pick.items = [...actions({ plan, options, moving, hasBack }, lost), ...rows(plan, options)];
  pick.prompt = verdictOf(plan);
  return new Promise((resolve) => {
    const all: Disposable[] = [];
    const finish = (answer: PlanAnswer | undefined): void => {
      resolve(answer);
      all.splice(0).forEach((one) => void one.dispose());
      pick.dispose();
    };
    all.push(
      pick.onDidChangeActive(([active]) => (pick.prompt = active?.whole ?? verdictOf(plan))),
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

/** What of a row is said above the list. */
function wholeOf({ label, description = '', detail = '' }: PlanRow): string | undefined {
  if (detail.length > rowLength) return inputText(detail, maxPrompt);
  return label.length + description.length > rowLength ? inputText(`${label} ${description}`, maxPrompt) : undefined;
}

/** Whether the image will run, and where not, why: what a person has to know before anything else. */
function verdictOf(plan: ContainerizeResult): string {
  const failing = plan.preflight.find(({ verdict }) => verdict === 'fails');
  const reason = failing?.reasons.find(({ effect }) => effect === 'fails');
  if (failing === undefined) return `${counted(plan.layers.length, 'new layer')}, ${uploadText(plan)}`;
  const why = [reason?.text ?? '', reason?.fix ?? ''].join(' ').trim();
  return inputText(`The image will not run on ${failing.platform}. ${why}`.trim(), maxPrompt);
}

function uploadText({ target, bytesTransferred }: ContainerizeResult): string {
  const verb = isLocal(placeOf(target)) ? 'write' : 'upload';
  return bytesTransferred === 0 ? `nothing to ${verb}` : `${formatBytes(bytesTransferred)} to ${verb}`;
}

/** What one move loses, in a line. */
function lostBy(shell: Shell, move: TagMove, { target }: ContainerizeResult): string {
  const lines = moveLines(shell, move).filter((line) => line !== '');
  return `${move.target === target ? '' : `${move.target}: `}${lines.join(' ')}`;
}

function actions({ plan, options, moving: [move] }: ShownPlan, lost: readonly string[]): readonly PlanItem[] {
  const verb = isLocal(placeOf(plan.target)) ? 'Write' : 'Push';
  const words = move === undefined ? verb : actionOf(move, verb);
  const isBad = fails(plan) || move !== undefined;
  const write: PlanRow = {
    label: fails(plan) ? `${words}, although it will not run` : words,
    description: [plan.target, ...plan.tags].join(', '),
    detail: lost.join(' ') || `the image will be ${shortDigest(plan.digest)} · ${uploadText(plan)}`,
    icon: isBad ? 'warning' : 'cloud-upload',
  };
  const spec: PlanRow = {
    label: 'Save as Spec…',
    description: 'gantry.yaml: the same image again, by a task or a program',
    icon: 'save',
  };
  const base: PlanRow = {
    label: 'Choose Another Base…',
    description: `${plan.base.reference} will not do`,
    icon: 'layers',
    edits: 'base',
  };
  const all: readonly PlanItem[] = [
    { ...itemOf(write), answer: 'write' },
    ...(isSpec(options) ? [] : [{ ...itemOf(spec), answer: 'spec' as const }]),
  ];
  return fails(plan) ? [itemOf(base), ...all] : all;
}

/** True for a file that says itself what the image is made of. ko's settings are those of a recipe. */
function isSpec({ dockerfile, spec }: ContainerizeOptions): boolean {
  return dockerfile !== undefined || (spec !== undefined && !path.basename(spec).startsWith('.ko.'));
}

function rows(plan: ContainerizeResult, options: ContainerizeOptions): readonly PlanItem[] {
  return planSections(plan, options).flatMap(({ title, rows: lines }) => [
    { label: title, kind: QuickPickItemKind.Separator },
    ...lines.slice(0, 100).map(itemOf),
  ]);
}

function itemOf(row: PlanRow): PlanItem {
  const { label, description, detail, icon, edits } = row;
  return {
    label: rowText(label),
    iconPath: new ThemeIcon(icon),
    whole: wholeOf(row),
    ...(description === undefined ? {} : { description: rowText(description) }),
    ...(detail === undefined ? {} : { detail: rowText(detail) }),
    ...(edits === undefined ? {} : { answer: { edits } }),
  };
}
