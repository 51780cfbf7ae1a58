import { visibleText } from '../browse/text.ts';

/** Text above or below an input. The workbench makes links of `[text](command:…)` there, as it does in notifications. */
export function inputText(text: string, limit?: number): string {
  return visibleText(text, limit).replace(/\](?=\()/g, ']\u200b');
}

/** Text in a row of a list to pick from. The workbench draws an icon for `$(name)` there, or nothing where it knows none. */
export function rowText(text: string): string {
  return visibleText(text).replace(/\$(?=\()/g, '$\u200b');
}
