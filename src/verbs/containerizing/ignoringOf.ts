import path from 'node:path';
import type { PathFilter } from '../../archive/pack.ts';
import { type ContextFilter, type ContextOptions, contextFilter } from '../../containerize/ignore/contextFilter.ts';
import type { Io } from '../../content/store.ts';
import type { Subject } from './choices.ts';

/**
 * What of a folder goes into an image: its rules, without the specs that lie in it. They say how the image is made and are
 * no part of it, so that saving one does not make another image.
 */
export async function ignoringOf(subject: Subject, options: ContextOptions, io: Io): Promise<ContextFilter> {
  const found = await contextFilter(options, io);
  const own = subject.kind === 'spec' ? path.basename(subject.spec) : undefined;
  const isSpec = (name: string): boolean => name === own || /^(?:[^/]+\.)?gantry\.yaml$/.test(name);
  const filter: PathFilter = {
    keeps: (name, isFolder) => (isFolder || !isSpec(name)) && found.filter.keeps(name, isFolder),
    enters: (name) => found.filter.enters(name),
  };
  return { ...found, filter };
}
