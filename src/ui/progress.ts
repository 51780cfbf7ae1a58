import { ProgressLocation, window } from 'vscode';
import type { Progress, RunOptions } from '../api.ts';
import { formatBytes, messageText } from '../browse/text.ts';

/** Least time between two messages, in milliseconds: more is not read by anyone and costs the window. */
const interval = 150;

/** Runs an action under a notification that shows its bytes and can cancel it. Rejects with an AbortError when cancelled. */
export async function withProgress<Result>(
  title: string,
  action: (run: Required<RunOptions>) => Promise<Result>,
): Promise<Result> {
  const options = { location: ProgressLocation.Notification, title: messageText(title), cancellable: true };
  return window.withProgress(options, async (progress, token) => {
    const controller = new AbortController();
    const cancelling = token.onCancellationRequested(() => controller.abort());
    let shown = 0;
    let last = 0;
    const onProgress = (now: Progress): void => {
      if (Date.now() - last < interval) return;
      last = Date.now();
      const percent = now.total === undefined || now.total === 0 ? 0 : Math.min(100, (now.bytes / now.total) * 100);
      const of = now.total === undefined ? '' : ` of ${formatBytes(now.total)}`;
      // Work that moves no bytes says what it is.
      const message = now.bytes === 0 && of === '' ? messageText(now.message) : `${formatBytes(now.bytes)}${of}`;
      progress.report({ message, increment: Math.max(0, percent - shown) });
      shown = Math.max(shown, percent);
    };
    try {
      return await action({ signal: controller.signal, onProgress });
    } finally {
      cancelling.dispose();
    }
  });
}

/** Milliseconds until a reading is worth a notification. */
const moment = 1000;

/** Runs an action; one that takes longer than a moment goes on under such a notification. */
export async function whenSlow<Result>(
  title: string,
  action: (run: Required<RunOptions>) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  let report: ((now: Progress) => void) | undefined;
  const result = action({ signal: controller.signal, onProgress: (now) => report?.(now) });
  const show = setTimeout(() => {
    const shown = withProgress(title, (run) => {
      report = run.onProgress;
      run.signal.addEventListener('abort', () => controller.abort(run.signal.reason), { once: true });
      return result;
    });
    // Who asked for the result hears how it ended.
    shown.catch(() => undefined);
  }, moment);
  return result.finally(() => clearTimeout(show));
}

/** Runs a short question to a registry under the view's own progress bar; cancelled after a minute. */
export async function briefly<Result>(
  action: (run: { readonly signal: AbortSignal }) => Promise<Result>,
): Promise<Result> {
  return window.withProgress({ location: { viewId: 'gantry.registries' } }, () =>
    action({ signal: AbortSignal.timeout(60_000) }),
  );
}
