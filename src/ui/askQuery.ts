import { type QuickInputButton, QuickInputButtonLocation, ThemeIcon, window } from 'vscode';
import { messageText, visibleText } from '../browse/text.ts';
import { patternOf, type TextQuery } from '../operations/textQuery.ts';

/** Asks for a text to search for; its buttons are those of the Search view. Undefined: given up. */
export async function askQuery(title: string, before: TextQuery | undefined): Promise<TextQuery | undefined> {
  const input = window.createInputBox();
  const matchCase = toggleOf('case-sensitive', 'Match Case', before?.isCaseSensitive);
  const regExp = toggleOf('regex', 'Use Regular Expression', before?.isRegExp);
  const query = (): TextQuery => ({
    query: input.value,
    isRegExp: regExp.toggle.checked,
    isCaseSensitive: matchCase.toggle.checked,
  });
  const check = (): boolean => {
    const wrong = problemOf(query());
    input.validationMessage = input.value === '' ? '' : wrong;
    return wrong === '';
  };
  input.title = visibleText(title);
  input.placeholder = 'Text in the lines of files';
  input.prompt = 'Text files are searched, binary ones and very large ones passed over.';
  input.value = before?.query ?? '';
  input.valueSelection = [0, input.value.length];
  input.buttons = [matchCase, regExp];
  const { promise, resolve } = Promise.withResolvers<TextQuery | undefined>();
  input.onDidChangeValue(check);
  input.onDidTriggerButton(check);
  input.onDidAccept(() => {
    if (check()) resolve(query());
  });
  input.onDidHide(() => resolve(undefined));
  input.show();
  return promise.finally(() => input.dispose());
}

type Toggle = QuickInputButton & { readonly toggle: { readonly checked: boolean } };

function toggleOf(icon: string, tooltip: string, checked = false): Toggle {
  return { iconPath: new ThemeIcon(icon), tooltip, location: QuickInputButtonLocation.Input, toggle: { checked } };
}

function problemOf(query: TextQuery): string {
  try {
    patternOf(query);
    return '';
  } catch (error) {
    return messageText(error instanceof Error ? error.message : 'not valid');
  }
}
