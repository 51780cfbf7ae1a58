import { EventEmitter, type Pseudoterminal } from 'vscode';
import { visibleText } from '../browse/text.ts';
import { isCancellation } from './notify.ts';
import { errorLines, ProgressLines, resultLines } from './taskReport.ts';
import type { TaskWork } from './taskDefinition.ts';
import { placeChanged, type Shell } from './shell.ts';
import { placeOf } from '../browse/places.ts';

/** Exit codes of a task. */
const exit = { done: 0, failed: 1, cancelled: 130 } as const;
const controlC = '\u0003';

/** The terminal of a task of type gantry: makes the image when it is opened, stops at Ctrl+C or when it is closed. */
export class TaskTerminal implements Pseudoterminal {
  readonly #wrote = new EventEmitter<string>();
  readonly #closed = new EventEmitter<number>();
  readonly #controller = new AbortController();
  readonly #shell: Shell;
  readonly #work: () => Promise<TaskWork>;
  readonly onDidWrite = this.#wrote.event;
  readonly onDidClose = this.#closed.event;

  /** @param work read when the terminal is open, so that what is wrong with it can be said there */
  constructor(shell: Shell, work: () => Promise<TaskWork>) {
    this.#shell = shell;
    this.#work = work;
  }

  open(): void {
    void this.#run().then((code) => this.#closed.fire(code));
  }

  close(): void {
    this.#controller.abort();
  }

  handleInput(text: string): void {
    if (text.includes(controlC)) this.#controller.abort();
  }

  async #run(): Promise<number> {
    let folder = '';
    try {
      const work = await this.#work();
      folder = work.folder;
      this.#controller.signal.throwIfAborted();
      await this.#make(work);
      return exit.done;
    } catch (error) {
      this.#write(errorLines(error, folder));
      if (isCancellation(error)) return exit.cancelled;
      this.#shell.log.error(error);
      return exit.failed;
    }
  }

  async #make({ spec, options }: TaskWork): Promise<void> {
    this.#write([visibleText(`Making the image of ${spec}`, 1000)]);
    const progress = new ProgressLines();
    const result = await this.#shell.api().containerize(options, {
      signal: this.#controller.signal,
      onProgress: (now) => {
        const line = progress.lineOf(now, Date.now());
        if (line !== undefined) this.#write([line]);
      },
    });
    const isPlan = options['dryRun'] === true;
    if (!isPlan) placeChanged(this.#shell, placeOf(result.target));
    this.#write(resultLines(result, { isPlan }));
  }

  #write(lines: readonly string[]): void {
    for (const line of lines) this.#wrote.fire(`${line}\r\n`);
  }
}
