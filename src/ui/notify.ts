import { window } from 'vscode';
import { messageText } from '../browse/text.ts';
import { isOciError, OciError } from '../errors.ts';
import type { LogChannel } from './logChannel.ts';

export interface Confirmation {
  /** Lines of plain text. */
  readonly detail: readonly string[];
  /** The button that does it. */
  readonly action: string;
  /** `plan`: nothing that is there is lost. Default: warning. */
  readonly severity?: 'plan' | 'warning';
}

/** What the buttons of a failure do. */
export interface Fixes {
  /** Without a registry it asks for one. */
  readonly signIn: (registry: string | undefined) => Promise<unknown>;
  readonly openSettings: () => Promise<unknown>;
}

/** The only door to VS Code's messages: what is shown in one is plain text, whatever a registry wrote. */
export class Notify {
  readonly #log: LogChannel;
  readonly #fixes: Fixes;

  constructor(log: LogChannel, fixes: Fixes) {
    this.#log = log;
    this.#fixes = fixes;
  }

  /** Returns the button that was pressed. */
  async info<const Button extends string>(text: string, ...buttons: readonly Button[]): Promise<Button | undefined> {
    return window.showInformationMessage<Button>(messageText(text), ...buttons);
  }

  async warn<const Button extends string>(text: string, ...buttons: readonly Button[]): Promise<Button | undefined> {
    return window.showWarningMessage<Button>(messageText(text), ...buttons);
  }

  /** Asks before something is done, in a dialog that stands until it is answered. True: do it. */
  async confirm(question: string, { detail, action, severity = 'warning' }: Confirmation): Promise<boolean> {
    const options = { modal: true, detail: detail.map((line) => messageText(line)).join('\n') };
    const pressed =
      severity === 'plan'
        ? await window.showInformationMessage(messageText(question), options, action)
        : await window.showWarningMessage(messageText(question), options, action);
    return pressed === action;
  }

  /** Shows a failure with what would help; its causes go to the log. A cancellation shows nothing. */
  async failure(error: unknown, registry?: string): Promise<void> {
    if (isCancellation(error)) return;
    this.#log.error(error);
    const message = error instanceof Error ? error.message : 'unknown error';
    const text = messageText(error instanceof OciError ? message : `Unexpected error: ${message}`);
    const fix = isOciError(error, 'unauthorized')
      ? (['Sign In…'] as const)
      : isOciError(error, 'untrusted-origin')
        ? (['Open Settings'] as const)
        : [];
    const pressed = await window.showErrorMessage(text, ...fix, 'Show Log');
    if (pressed === 'Show Log') this.#log.show();
    if (pressed === 'Sign In…') await this.#fixes.signIn(registry);
    if (pressed === 'Open Settings') await this.#fixes.openSettings();
  }
}

/** True for what an aborted signal throws. */
export function isCancellation(error: unknown): boolean {
  return error instanceof Error && (error.name === 'AbortError' || error.name === 'Canceled');
}
