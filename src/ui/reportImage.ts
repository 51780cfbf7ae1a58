import { commands, window } from 'vscode';
import type { ContainerizeResult } from '../api.ts';
import { isLocal, placeOf } from '../browse/places.ts';
import { formatBytes } from '../browse/text.ts';
import { shortDigest } from '../oci/digest.ts';
import { isOnPath } from './buildTask.ts';
import { reportWrite, type TagMove, undoMoves } from './overwrite.ts';
import { withDigest } from './references.ts';
import { placeChanged, type Shell } from './shell.ts';

/** Says what was made, with what one does next: look at it, copy its name, run it, undo tags that moved. Does not wait for the answer. */
export function reportImage(shell: Shell, done: ContainerizeResult, moved: readonly TagMove[]): void {
  report(shell, done, moved).catch((error: unknown) => shell.notify.failure(error));
}

async function report(shell: Shell, done: ContainerizeResult, moved: readonly TagMove[]): Promise<void> {
  const { target, digest } = done;
  const place = placeOf(target);
  const verb = isLocal(place) ? 'written' : 'uploaded';
  const sent =
    done.bytesTransferred === 0 ? `nothing had to be ${verb}` : `${formatBytes(done.bytesTransferred)} ${verb}`;
  const text = `${target} is ${shortDigest(digest)}: ${sent}.`;
  if (isLocal(place)) {
    reportWrite(shell, text, { target, next: digest }, []);
    return;
  }
  await shell.recent.add(target);
  placeChanged(shell, place);
  const runtime = await containerRuntime();
  const undo = moved.length === 0 ? [] : (['Undo'] as const);
  const run = runtime === undefined ? [] : (['Run in Terminal'] as const);
  const pressed = await shell.notify.info(text, 'Inspect', 'Copy Digest Reference', ...run, ...undo);
  if (pressed === 'Inspect') await commands.executeCommand('gantry.inspectImage', { image: target });
  if (pressed === 'Copy Digest Reference') await shell.copyText(withDigest(target, digest));
  if (pressed === 'Undo') await undoMoves(shell, moved);
  if (pressed === 'Run in Terminal' && runtime !== undefined) runInTerminal(runtime, withDigest(target, digest));
}

/** The program that runs containers here; undefined where there is none. */
async function containerRuntime(): Promise<string | undefined> {
  for (const name of ['docker', 'podman']) if (await isOnPath(name, process.env['PATH'] ?? '')) return name;
  return undefined;
}

/** A reference has no character that a shell takes for its own. */
function runInTerminal(runtime: string, reference: string): void {
  const terminal = window.createTerminal({ name: `${runtime} run` });
  terminal.show();
  terminal.sendText(`${runtime} run --rm -it ${reference}`);
}
