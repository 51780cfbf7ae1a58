import type { HttpBody } from './http.ts';

/** What a registry may take on top to hash and store a large upload before it answers: a second for each 10 MB. */
export function commitMilliseconds(body: HttpBody | undefined): number {
  return body === undefined || body instanceof Uint8Array ? 0 : Math.ceil(body.size / 10_000);
}

/** Notices that a streamed body stops going out, while the answer to it may still take long. */
export class SendWatch {
  readonly #size: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #sent = 0;

  /** @param onStall called once where no byte went out for so many milliseconds before all had */
  constructor(body: HttpBody | undefined, milliseconds: number, onStall: (error: Error) => void) {
    this.#size = body === undefined || body instanceof Uint8Array ? 0 : body.size;
    if (this.#size === 0) return;
    const stalled = Object.assign(new Error('the upload stalled'), { code: 'UND_ERR_HEADERS_TIMEOUT' });
    this.#timer = setTimeout(() => onStall(stalled), milliseconds);
  }

  /** Bytes that were given to the connection. */
  get sent(): number {
    return this.#sent;
  }

  add(bytes: number): void {
    this.#sent += bytes;
    if (this.#sent < this.#size) this.#timer?.refresh();
    else this.end();
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}
