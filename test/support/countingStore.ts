import type { ImageStore } from '../../src/content/store.ts';

/** One call of a store, in the order in which they were made. */
export interface StoreCall {
  readonly call: 'fetch' | 'resolve' | 'has' | 'push' | 'tag' | 'pushTagged' | 'mount' | 'untag' | 'deleteManifest';
  /** The digest, or for resolve and untag the identifier. */
  readonly of: string;
  readonly tag?: string;
}

export interface CountingStore {
  /** Plain functions, so that a test may replace one by spreading: `{ ...store, push: … }`. */
  readonly store: ImageStore;
  readonly calls: readonly StoreCall[];
  /** How often a call was made. */
  count(call: StoreCall['call']): number;
  clear(): void;
}

/** Wraps a store and logs what is asked of it. It has the optional capabilities that the wrapped store has. */
export function countingStore(inner: ImageStore): CountingStore {
  const calls: StoreCall[] = [];
  const { mountableFrom, mount, pushTagged, tagPages, untag, deleteManifest, referrers } = bound(inner);
  const store: ImageStore = {
    fetch: (descriptor, io) => (calls.push({ call: 'fetch', of: descriptor.digest }), inner.fetch(descriptor, io)),
    resolve: (identifier, io) => (calls.push({ call: 'resolve', of: identifier }), inner.resolve(identifier, io)),
    has: (descriptor, io) => (calls.push({ call: 'has', of: descriptor.digest }), inner.has(descriptor, io)),
    push: (descriptor, open, io) => (
      calls.push({ call: 'push', of: descriptor.digest }),
      inner.push(descriptor, open, io)
    ),
    tag: (descriptor, tag, io) => (
      calls.push({ call: 'tag', of: descriptor.digest, tag }),
      inner.tag(descriptor, tag, io)
    ),
    ...(mountableFrom === undefined ? {} : { mountableFrom }),
    ...(mount === undefined
      ? {}
      : { mount: (blob, from, io) => (calls.push({ call: 'mount', of: blob.digest }), mount(blob, from, io)) }),
    ...(pushTagged === undefined
      ? {}
      : {
          pushTagged: (descriptor, bytes, tag, io) => {
            calls.push({ call: 'pushTagged', of: descriptor.digest, tag });
            return pushTagged(descriptor, bytes, tag, io);
          },
        }),
    ...(tagPages === undefined ? {} : { tagPages }),
    ...(untag === undefined ? {} : { untag: (tag, io) => (calls.push({ call: 'untag', of: tag }), untag(tag, io)) }),
    ...(deleteManifest === undefined
      ? {}
      : {
          deleteManifest: (digest, io) => (
            calls.push({ call: 'deleteManifest', of: digest }),
            deleteManifest(digest, io)
          ),
        }),
    ...(referrers === undefined ? {} : { referrers }),
  };
  return {
    store,
    calls,
    count: (call) => calls.filter((one) => one.call === call).length,
    clear: () => void calls.splice(0),
  };
}

function bound(inner: ImageStore): Partial<ImageStore> {
  return {
    ...(inner.mountableFrom === undefined ? {} : { mountableFrom: inner.mountableFrom.bind(inner) }),
    ...(inner.mount === undefined ? {} : { mount: inner.mount.bind(inner) }),
    ...(inner.pushTagged === undefined ? {} : { pushTagged: inner.pushTagged.bind(inner) }),
    ...(inner.tagPages === undefined ? {} : { tagPages: inner.tagPages.bind(inner) }),
    ...(inner.untag === undefined ? {} : { untag: inner.untag.bind(inner) }),
    ...(inner.deleteManifest === undefined ? {} : { deleteManifest: inner.deleteManifest.bind(inner) }),
    ...(inner.referrers === undefined ? {} : { referrers: inner.referrers.bind(inner) }),
  };
}
