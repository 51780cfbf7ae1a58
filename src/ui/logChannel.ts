import { type Disposable, type LogOutputChannel, window } from 'vscode';
import { formatBytes, visibleText } from '../browse/text.ts';

/** One request as it is logged; the registry client makes these. */
export interface LoggedRequest {
  readonly method: string;
  /** Without query. */
  readonly url: string;
  readonly status?: number;
  readonly milliseconds: number;
  readonly bytesSent: number;
  readonly failure?: string;
}

/** The Gantry output channel: one line a request, nothing secret. */
export class LogChannel implements Disposable {
  #made: LogOutputChannel | undefined;

  request(record: LoggedRequest): void {
    const { method, url, status, milliseconds, bytesSent, failure } = record;
    const sent = bytesSent > 0 ? `, ${formatBytes(bytesSent)} sent` : '';
    const outcome = status === undefined ? (failure ?? 'no answer') : String(status);
    const line = visibleText(
      `${method} ${withoutSecrets(url)} ${outcome} (${Math.round(milliseconds)} ms${sent})`,
      2000,
    );
    if (status === undefined || status >= 500) this.#channel.warn(line);
    else this.#channel.info(line);
  }

  /** A `Warning` header, or another thing worth knowing that stops nothing. */
  warn(text: string): void {
    this.#channel.warn(visibleText(text, 2000));
  }

  /** What only somebody who looks for it wants to see. */
  debug(text: string): void {
    this.#channel.debug(visibleText(text, 2000));
  }

  /** An error with its causes. */
  error(error: unknown): void {
    this.#channel.error(
      causes(error)
        .map((text) => visibleText(text, 2000))
        .join('\n  caused by: '),
    );
  }

  show(): void {
    this.#channel.show();
  }

  dispose(): void {
    this.#made?.dispose();
  }

  get #channel(): LogOutputChannel {
    return (this.#made ??= window.createOutputChannel('Gantry', { log: true }));
  }
}

/** The second door before the log: the registry client redacts already. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/, '');
}

function causes(error: unknown): readonly string[] {
  const texts: string[] = [];
  let at = error;
  for (let depth = 0; depth < 8 && at !== undefined && at !== null; depth++) {
    texts.push(at instanceof Error ? `${at.name}: ${at.message}` : 'not an error object');
    at = at instanceof Error ? at.cause : undefined;
  }
  return texts;
}
