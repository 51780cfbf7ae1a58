import type { Io } from '../../content/store.ts';
import { quoted, wrong } from './complaints.ts';
import { copyLayer } from './copyLayer.ts';
import type { CopyStep } from './dockerfile.ts';
import { modeOf, ownerOf } from './owner.ts';
import type { Sources } from './sources.ts';
import type { StageState } from './stageState.ts';

/** Most sources of one instruction. */
const maxSources = 10_000;

/** Does what COPY or ADD says: adds a layer. @throws OciError invalid-spec */
export async function evaluateCopy(
  step: CopyStep,
  state: StageState,
  { sources, index }: { readonly sources: Sources; readonly index: number },
  io: Io,
): Promise<void> {
  if (step.sources.length > maxSources) throw wrong(`${step.kind.toUpperCase()} may have ${maxSources} sources.`);
  const named = step.sources.map(({ text }) => state.expand(text));
  const remote = named.find(isRemote);
  if (remote !== undefined) {
    throw wrong(
      `${quoted(remote)} is not fetched: nothing of a Dockerfile loads anything here. Download it into the context and COPY it.`,
    );
  }
  const documents = step.heredocs.map(({ name, content, expands }) => {
    return { name, content: expands ? state.expandDocument(content) : content };
  });
  const owner = step.chown === undefined ? undefined : await ownerOf(state.expand(step.chown), state.base, io);
  const mode = step.chmod === undefined ? undefined : modeOf(state.expand(step.chmod));
  const request = {
    kind: step.kind,
    sources: named,
    documents,
    destination: destinationOf(state.expand(step.destination.text), state),
    from: await sources.from(step, index),
    excludes: step.excludes,
    parents: step.parents,
    unpack: step.unpack ?? step.kind === 'add',
    ...(owner === undefined ? {} : { owner }),
    ...(mode === undefined ? {} : { mode }),
  };
  const files = await copyLayer(request, state, io);
  const { from, ...asked } = request;
  const key = JSON.stringify([from.root, asked, files.map((file) => ({ ...file, filter: null }))]);
  if (files.length > 0) state.layers.push({ name: step.text, files, key });
  else state.warnings.push({ code: 'note', text: `${step.text} copies nothing: its patterns match no file.` });
}

/** URLs and git repositories, which ADD would load. */
function isRemote(source: string): boolean {
  return /^(?:https?|git|ssh|ftp):\/\//i.test(source) || /^git@[^/]+:/.test(source);
}

/** An absolute path, with a `/` at its end where a folder is meant. */
function destinationOf(written: string, state: StageState): string {
  const place = state.place(written);
  const isFolder = /(?:^|\/)\.?$/.test(written);
  return isFolder && place !== '/' ? `${place}/` : place;
}
