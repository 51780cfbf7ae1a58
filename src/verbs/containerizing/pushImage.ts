import { fetchManifest } from '../../content/bytes.ts';
import type { Io } from '../../content/store.ts';
import { type AppendOutcome, pushAppend } from '../../operations/append.ts';
import type { AppendPlan } from '../../operations/appendPlan.ts';
import { assertTagFree, type Overwrite } from '../../operations/tagGuard.ts';
import { tagAs } from '../../operations/tagImage.ts';
import { OciError } from '../../errors.ts';
import type { OpenedTarget } from '../openedTarget.ts';
import { attachable } from './attach.ts';
import { assertTags } from './choices.ts';

export interface Pushing {
  readonly target: OpenedTarget;
  /** Beside the target's own. */
  readonly tags: readonly string[];
  readonly overwrite: Overwrite;
  readonly onProgress: (bytes: number, total: number) => void;
}

/**
 * The tags beside the target's own, each once.
 * @throws OciError invalid-reference for what is no tag, and for an archive, which holds its image under one name; too-large
 */
export function moreTags(wanted: readonly string[], target: OpenedTarget): readonly string[] {
  const tags = [...new Set(wanted)].filter((tag) => tag !== target.tag);
  assertTags(tags);
  if (tags.length === 0 || attachable(target) !== undefined) return tags;
  throw new OciError(
    'invalid-reference',
    `${target.name} is an archive, which has room for one name and not for more tags. Leave out tags, or write to a registry or an OCI layout.`,
  );
}

/** Writes a planned image and its tags; every check comes before the first write. @throws OciError as `pushAppend`, `retag` */
export async function pushImage(plan: AppendPlan, pushing: Pushing, io: Io): Promise<AppendOutcome> {
  const { target, tags, ...options } = pushing;
  const { descriptor, source } = plan;
  for (const tag of tags) await assertTagFree(target.store, tag, descriptor.digest, options, io);
  const choice = { ...options, ...(target.tag === undefined ? {} : { tag: target.tag }) };
  const outcome = await pushAppend(plan, target.store, choice, io);
  if (tags.length === 0) return outcome;
  const manifest = await fetchManifest(source, descriptor, io);
  await tagAs(target.store, { descriptor, manifest }, tags, options, io);
  return outcome;
}
