import type { BlobCounts } from '../api.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { OnBytes, TransferOutcome } from './transfer.ts';

/** Called now and then with the bytes that have arrived; neither number ever goes down, nor `bytes` above `total`. */
export type OnProgress = (bytes: number, total: number) => void;

const step = 256 << 10;

/** Counts what a copy moves. */
export class CopyProgress {
  readonly #onProgress: OnProgress;
  readonly #counts: Record<TransferOutcome, number>;
  #total: number;
  #bytes = 0;
  #reported = 0;
  #transferred = 0;

  /** @param present how many blobs need nothing */
  constructor(present: number, total: number, onProgress: OnProgress = () => undefined) {
    this.#counts = { present, mounted: 0, transferred: 0 };
    this.#total = total;
    this.#onProgress = onProgress;
  }

  get blobs(): BlobCounts {
    return { ...this.#counts };
  }

  /** The sizes of the blobs that were transferred whole, in bytes. */
  get bytesTransferred(): number {
    return this.#transferred;
  }

  count(outcome: TransferOutcome, blob: Descriptor): void {
    this.#counts[outcome]++;
    if (outcome === 'transferred') this.#transferred += blob.size;
  }

  readonly onBytes: OnBytes = (bytes) => {
    this.#bytes += bytes;
    if (this.#bytes - this.#reported < step && this.#bytes < this.#total) return;
    this.#reported = this.#bytes;
    this.#onProgress(this.#bytes, this.#total);
  };

  /** For a blob that the plan did not count: it joins the total when its first byte comes. */
  unplanned(blob: Descriptor): OnBytes {
    let counted = false;
    return (bytes) => {
      if (!counted) this.#total += blob.size;
      counted = true;
      this.onBytes(bytes);
    };
  }
}
