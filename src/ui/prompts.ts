import { type Disposable, type QuickInput, QuickInputButtons, type QuickPickItem, ThemeIcon, window } from 'vscode';
import { visibleText } from '../browse/text.ts';
import { inputText, rowText } from './inputText.ts';
import { back, type Back, type StepPlace } from './steps.ts';

/** Characters of a text above a list, which is wrapped. */
const maxPrompt = 1000;

export interface AskOptions {
  readonly title: string;
  readonly placeholder?: string;
  readonly place?: StepPlace;
}

export interface TextOptions extends AskOptions {
  readonly prompt?: string;
  readonly value?: string;
  readonly password?: boolean;
  /** What is wrong with the text, in words; undefined where nothing is. */
  readonly validate?: (text: string) => string | undefined;
}

export interface Choice<Value> extends QuickPickItem {
  readonly value: Value;
}

/** Asks for a line of text. Undefined: given up. */
export async function askText(options: TextOptions): Promise<string | Back | undefined> {
  const input = window.createInputBox();
  dress(input, options);
  input.ignoreFocusOut = options.password === true;
  input.password = options.password === true;
  input.value = options.value ?? '';
  if (options.prompt !== undefined) input.prompt = inputText(options.prompt);
  if (options.placeholder !== undefined) input.placeholder = options.placeholder;
  const check = (): boolean => {
    const wrong = options.validate?.(input.value);
    input.validationMessage = wrong === undefined ? '' : inputText(wrong);
    return wrong === undefined;
  };
  return answer<string>(input, (done) => [
    input.onDidChangeValue(check),
    input.onDidTriggerButton(() => done(back)),
    input.onDidAccept(() => {
      if (check()) done(input.value);
    }),
  ]);
}

export interface OneOptions extends AskOptions {
  /** A text above the choices that may need several lines. */
  readonly prompt?: string;
}

/** Asks to pick one. Undefined: given up. */
export async function askOne<Value>(
  choices: readonly Choice<Value>[],
  options: OneOptions,
): Promise<Value | Back | undefined> {
  const pick = window.createQuickPick<Choice<Value>>();
  dress(pick, options);
  pick.items = choices.map(rowOf);
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  if (options.placeholder !== undefined) pick.placeholder = options.placeholder;
  if (options.prompt !== undefined) pick.prompt = inputText(options.prompt, maxPrompt);
  return answer<Value>(pick, (done) => [
    pick.onDidTriggerButton(() => done(back)),
    pick.onDidAccept(() => {
      const [chosen] = pick.activeItems;
      if (chosen !== undefined) done(chosen.value);
    }),
  ]);
}

/** Asks to pick several; those that do not say `picked: false` are picked at first. Undefined: given up. */
export async function askMany<Value>(
  choices: readonly Choice<Value>[],
  options: AskOptions,
): Promise<readonly Value[] | Back | undefined> {
  const pick = window.createQuickPick<Choice<Value>>();
  dress(pick, options);
  pick.canSelectMany = true;
  const rows = choices.map(rowOf);
  pick.items = rows;
  pick.selectedItems = rows.filter(({ picked }) => picked !== false);
  // The count of what is picked hides most of a placeholder.
  pick.prompt = options.placeholder;
  return answer<readonly Value[]>(pick, (done) => [
    pick.onDidTriggerButton(() => done(back)),
    pick.onDidAccept(() => {
      if (pick.selectedItems.length > 0) done(pick.selectedItems.map(({ value }) => value));
    }),
  ]);
}

export interface TextOrOneOptions extends AskOptions {
  readonly value?: string;
  readonly suggestions: readonly QuickPickItem[];
  readonly validate: (text: string) => string | undefined;
}

/** Asks for text with suggestions below it: what is typed wins where it is right, else what is chosen is put in. */
export async function askTextOrOne(options: TextOrOneOptions): Promise<string | Back | undefined> {
  const pick = window.createQuickPick<Choice<string | undefined>>();
  dress(pick, options);
  const { placeholder } = options;
  if (placeholder !== undefined) pick.placeholder = placeholder;
  // What is put in at first narrows nothing; the widget itself would leave only what holds the text.
  const initial = options.value ?? '';
  const suggestions = options.suggestions.map((item) => ({ ...item, value: item.label, alwaysShow: true }));
  const list = (): void => {
    const typed = pick.value.trim();
    const wrong = typed === '' ? undefined : options.validate(typed);
    // A row of the list is one line, which is too short for a reason; a placeholder is seen only where nothing is typed.
    pick.prompt = wrong === undefined ? (typed === '' ? undefined : placeholder) : inputText(wrong);
    const known = suggestions.find(({ label }) => label === typed);
    const own = known ?? { label: typed, alwaysShow: true, value: wrong === undefined ? typed : undefined };
    const others = suggestions.filter(({ label }) => label !== typed && (typed === initial || label.includes(typed)));
    const icon = wrong === undefined || known !== undefined ? {} : { iconPath: new ThemeIcon('error') };
    pick.items = typed === '' ? others : [{ ...own, ...icon }, ...others];
  };
  pick.value = initial;
  list();
  return answer<string>(pick, (done) => [
    pick.onDidChangeValue(list),
    pick.onDidTriggerButton(() => done(back)),
    pick.onDidAccept(() => {
      const [active] = pick.activeItems;
      const typed = pick.value.trim();
      // Enter may come before the list of what was typed is shown: what is active then is left over from the list before.
      const stale = active === undefined || !pick.items.includes(active);
      const chosen = stale ? (options.validate(typed) === undefined ? typed : undefined) : active.value;
      if (chosen !== undefined) done(chosen);
    }),
  ]);
}

function rowOf<Item extends QuickPickItem>(item: Item): Item {
  const { label, description, detail } = item;
  return {
    ...item,
    label: rowText(label),
    ...(description === undefined ? {} : { description: rowText(description) }),
    ...(detail === undefined ? {} : { detail: rowText(detail) }),
  };
}

function dress(input: QuickInput & { buttons: readonly unknown[] }, { title, place }: AskOptions): void {
  input.title = visibleText(title);
  if (place === undefined || place.totalSteps === 1) return;
  input.step = place.step;
  input.totalSteps = place.totalSteps;
  if (place.step > 1) input.buttons = [QuickInputButtons.Back];
}

/** Shows an input until `listen` reports an answer or it is hidden. */
function answer<Value>(
  input: QuickInput,
  listen: (done: (value: Value | Back) => void) => readonly Disposable[],
): Promise<Value | Back | undefined> {
  return new Promise((resolve) => {
    const all: Disposable[] = [];
    const finish = (value: Value | Back | undefined): void => {
      resolve(value);
      all.splice(0).forEach((one) => void one.dispose());
      input.dispose();
    };
    all.push(
      ...listen(finish),
      input.onDidHide(() => finish(undefined)),
    );
    input.show();
  });
}
