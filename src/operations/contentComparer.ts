import type { ContentPlace } from '../archive/layerStack.ts';
import type { LayerEntry } from '../archive/layerIndex.ts';
import type { ByteStream, Io } from '../content/store.ts';
import { isOciError } from '../errors.ts';
import { algorithmOf, type Digest, Hasher } from '../oci/digest.ts';

/** One of two images whose files are compared. */
export interface ContentSide {
  /** Digests of its layers, the lowest first. */
  readonly layers: readonly string[];
  readonly read: (place: ContentPlace, io: Io) => Promise<ByteStream>;
}

/** Bounds of what one comparison reads for the sake of files whose digests are not known. */
export interface ReadLimits {
  readonly files: number;
  /** Bytes of content. */
  readonly bytes: number;
}

export const defaultReadLimits: ReadLimits = { files: 100, bytes: 1 << 30 };

type SideName = 'left' | 'right';

/** Says whether files of two images have the same content, and reads them only where nothing else tells. */
export class ContentComparer {
  readonly #sides: Readonly<Record<SideName, ContentSide>>;
  readonly #limits: ReadLimits;
  readonly #digests = { left: new Map<LayerEntry, Promise<Digest>>(), right: new Map<LayerEntry, Promise<Digest>>() };
  readonly #taken = { files: 0, bytes: 0 };
  #unread = 0;
  #damaged = 0;

  constructor(left: ContentSide, right: ContentSide, limits: ReadLimits = defaultReadLimits) {
    this.#sides = { left, right };
    this.#limits = limits;
  }

  /** Sentences about files that `same` could not compare. */
  get problems(): readonly string[] {
    const { files, bytes } = this.#limits;
    const many = `no more than ${files} such files or ${bytes} bytes are read for one comparison`;
    return [
      ...uncompared(this.#unread, many),
      ...uncompared(this.#damaged, 'reading failed: the layer is damaged, or not there any more'),
    ];
  }

  /** What sizes, places and digests tell; undefined where only reading can. */
  known(left: ContentPlace, right: ContentPlace): boolean | undefined {
    if (left.entry.size !== right.entry.size) return false;
    if (left.entry.size === 0 || this.#isSamePlace(left, right)) return true;
    const [one, other] = [left.entry.digest, right.entry.digest];
    if (one === undefined || other === undefined || algorithmOf(one) !== algorithmOf(other)) return undefined;
    return one === other;
  }

  /** Reads what is needed to know; false, with a problem, where too much would have to be read or it cannot be. */
  async same(left: ContentPlace, right: ContentPlace, io: Io): Promise<boolean> {
    const known = this.known(left, right);
    if (known !== undefined) return known;
    const [one, other] = [this.#digest('left', left, io), this.#digest('right', right, io)];
    if (one === undefined || other === undefined) {
      this.#unread++;
      await Promise.allSettled([one, other]);
      return false;
    }
    const [before, after] = await Promise.allSettled([one, other]);
    io.signal.throwIfAborted();
    if (before.status === 'fulfilled' && after.status === 'fulfilled') return before.value === after.value;
    for (const { reason } of [before, after].filter((result) => result.status === 'rejected'))
      if (!isOciError(reason)) throw reason;
    this.#damaged++;
    return false;
  }

  /** Undefined where it would have to be read and the limits are reached. */
  #digest(name: SideName, place: ContentPlace, io: Io): Promise<Digest> | undefined {
    const { digest, size } = place.entry;
    if (digest !== undefined && algorithmOf(digest) === 'sha256') return Promise.resolve(digest);
    const kept = this.#digests[name].get(place.entry);
    if (kept !== undefined) return kept;
    const { files, bytes } = this.#taken;
    if (files >= this.#limits.files || bytes + size > this.#limits.bytes) return undefined;
    this.#taken.files = files + 1;
    this.#taken.bytes = bytes + size;
    const made = digestOfStream(() => this.#sides[name].read(place, io), io);
    this.#digests[name].set(place.entry, made);
    return made;
  }

  /** True for the same entry of the same blob, which need not be the same layer from 0. */
  #isSamePlace(left: ContentPlace, right: ContentPlace): boolean {
    const layer = this.#sides.left.layers[left.layer];
    if (layer === undefined || layer !== this.#sides.right.layers[right.layer]) return false;
    const [one, other] = [left.entry, right.entry];
    if (one === other) return true;
    const [chunk, otherChunk] = [one.chunks?.[0], other.chunks?.[0]];
    return (
      one.path === other.path &&
      one.offset === other.offset &&
      (one.offset >= 0 || chunk !== undefined) &&
      chunk?.start === otherChunk?.start &&
      chunk?.skip === otherChunk?.skip
    );
  }
}

async function digestOfStream(open: () => Promise<ByteStream>, io: Io): Promise<Digest> {
  const hasher = new Hasher();
  for await (const chunk of await open()) {
    io.signal.throwIfAborted();
    hasher.update(chunk);
  }
  return hasher.digest();
}

function uncompared(count: number, why: string): readonly string[] {
  if (count === 0) return [];
  const files = count === 1 ? '1 file' : `${count} files`;
  return [`${files} of equal size could not be compared by content and count as changed: ${why}.`];
}
