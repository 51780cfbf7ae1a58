import type { CopyImageResult } from '../api.ts';
import { OciError } from '../errors.ts';
import { executeCopy } from '../operations/copy.ts';
import { planCopy } from '../operations/plan.ts';
import type { Verb } from './verb.ts';
import { OptionReader } from './options.ts';
import { soleImage } from './soleImage.ts';

/** `copyImage {source, target, platforms?, overwrite?, dryRun?}`. */
export const copyVerb: Verb<CopyImageResult> = async (value, { stores }, run, io) => {
  const options = new OptionReader('copyImage', value);
  const platforms = options.platforms('platforms');
  const source = await stores.source(options.text('source'), io);
  const overwrite = options.overwrite();
  const isPlan = options.flag('dryRun');
  await using target = await stores.target(options.text('target'), io, { overwrite, isPlan });
  const sole = target.oneImage ? await soleImage(source, platforms, io) : undefined;
  const choice = {
    ...(platforms === undefined || sole !== undefined ? {} : { platforms }),
    ...(target.tag === undefined ? {} : { tag: target.tag }),
  };
  const plan = await planCopy(source.store, sole ?? source.identifier, target.store, choice, io);
  if (target.digest !== undefined && target.digest !== plan.descriptor.digest) {
    throw new OciError(
      'content-mismatch',
      `${source.name} is ${plan.descriptor.digest}, not the digest that the target ${target.name} asks for. Leave the digest out of the target.`,
    );
  }
  const result = { digest: plan.descriptor.digest, mediaType: plan.descriptor.mediaType, target: target.name };
  if (isPlan) {
    const blobs = { present: plan.present.length, mounted: plan.mountable.length, transferred: plan.transfer.length };
    return { ...result, blobs, bytesTransferred: plan.bytes };
  }
  const report = (bytes: number, total: number): void =>
    run.onProgress?.({ message: `Copying to ${target.name}`, bytes, total });
  const outcome = await executeCopy(plan, source.store, target.store, { overwrite, onProgress: report }, io);
  return { ...result, blobs: outcome.blobs, bytesTransferred: outcome.bytesTransferred };
};
