import { opens } from '../content/bytes.ts';
import type { ImageTarget, Io, Resolved, Resolver, TaggingTarget } from '../content/store.ts';
import { isOciError, OciError } from '../errors.ts';
import { type Digest, shortDigest } from '../oci/digest.ts';
import { linkIo } from './parallel.ts';
import { taggedDigest } from './tagGuard.ts';
import { on, withSide } from './transferFailure.ts';

/** Stores a manifest under a tag, in one request where the target can. */
export async function putTagged(
  target: ImageTarget & Partial<TaggingTarget>,
  { descriptor, manifest }: Resolved,
  tag: string,
  io: Io,
): Promise<void> {
  if (target.pushTagged !== undefined) return target.pushTagged(descriptor, manifest.bytes, tag, io);
  await target.push(descriptor, opens(manifest.bytes), io);
  await target.tag(descriptor, tag, io);
}

/** What a tag is about to become. */
export interface TagChange {
  /** What is being done, for errors: `Copying sha256:ab12…`. */
  readonly doing: string;
  readonly tag: string;
  readonly digest: Digest;
  /** What the tag named when the user agreed; undefined where it was new. */
  readonly old: Digest | undefined;
}

/**
 * Looks once more what a tag names before it is written: true where it names the digest already.
 * @throws OciError already-exists where it has moved since the user agreed
 */
export async function isTagged(target: Resolver, { tag, digest, old }: TagChange, io: Io): Promise<boolean> {
  const now = await on('target', taggedDigest(target, tag, io));
  if (now === digest) return true;
  if (now !== undefined && now !== old) throw moved(tag, old, now);
  return false;
}

/**
 * Writes a tag by `put`, the last step of an operation, and reads back after a failure. Returns where the tag names the
 * digest, also where a cancellation came too late to stop it.
 * @throws OciError what `put` threw, saying what the tag names now
 */
export async function writeTag(
  target: Resolver,
  change: TagChange,
  put: (io: Io) => Promise<void>,
  io: Io,
): Promise<void> {
  const { doing, tag, digest, old } = change;
  const late = graceful(io, 500);
  try {
    await put(late.io);
  } catch (error) {
    const actual = await readBack(target, tag, io.signal.aborted ? 400 : 10_000);
    if (actual !== 'unknown' && actual.digest === digest) return;
    io.signal.throwIfAborted();
    throw failed(doing, error, tagSentence(tag, actual, old));
  } finally {
    late.end();
  }
}

/**
 * The error of an operation that ends with a tag: what was being done, what was wrong, what the tag names now.
 * Errors that are no OciError stay as they are.
 */
export function failed(doing: string, error: unknown, tagSentence: string): Error {
  const sided = withSide(error, 'target');
  if (!isOciError(sided)) return sided;
  const side = sided.side === undefined ? {} : { side: sided.side };
  const message = `${doing} failed: ${sided.message.replace(/[.\s]+$/, '')}. ${tagSentence}`;
  return new OciError(sided.code, message, { cause: error, ...side });
}

/** Says that a tag was not written, and nothing of what it names now: nobody has looked. */
export function untouchedTag(tag: string, old: Digest | undefined): string {
  return old === undefined ? notMade(tag) : `The tag ${tag} was left as it was (${old} when this began).`;
}

function notMade(tag: string): string {
  return `The tag ${tag} was not made.`;
}

type Actual = { readonly digest: Digest | undefined } | 'unknown';

function tagSentence(tag: string, actual: Actual, old: Digest | undefined): string {
  if (actual === 'unknown') return `What the tag ${tag} names now could not be read: look before you try again.`;
  if (actual.digest === old)
    return old === undefined
      ? `The registry says that there is no tag ${tag}.`
      : `The tag ${tag} still names ${old} (unchanged).`;
  if (actual.digest !== undefined) return `The tag ${tag} now names ${actual.digest}.`;
  // It was there when this began: a registry that fails may be wrong about that too.
  return `The registry says that the tag ${tag} is gone, which named ${old ?? 'nothing'} when this began: look before you try again.`;
}

async function readBack(target: Resolver, tag: string, milliseconds: number): Promise<Actual> {
  try {
    return { digest: await taggedDigest(target, tag, { signal: AbortSignal.timeout(milliseconds) }) };
  } catch {
    return 'unknown';
  }
}

/** An Io that outlives a cancellation by some milliseconds, so that a request under way can tell how it ended. */
function graceful(io: Io, milliseconds: number): { readonly io: Io; end(): void } {
  const late = linkIo({ signal: new AbortController().signal });
  let timer: NodeJS.Timeout | undefined;
  const start = (): void => {
    timer = setTimeout(() => late.abort(io.signal.reason), milliseconds);
  };
  io.signal.throwIfAborted();
  io.signal.addEventListener('abort', start, { once: true });
  return {
    io: late.io,
    end: () => {
      io.signal.removeEventListener('abort', start);
      clearTimeout(timer);
    },
  };
}

function moved(tag: string, old: Digest | undefined, now: Digest): OciError {
  const before = old === undefined ? 'did not exist' : `named ${shortDigest(old)}`;
  return new OciError(
    'already-exists',
    `The tag ${tag} ${before} when this was started and names ${shortDigest(now)} now: somebody else has written it. ` +
      'It was left as it is. Look at it and try again.',
    { side: 'target' },
  );
}
