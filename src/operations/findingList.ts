import type { Finding, FindingKind } from '../api.ts';

/** In the order in which findings are shown. */
const kinds: readonly FindingKind[] = ['secret', 'unsafe-path', 'setuid', 'setgid', 'world-writable', 'cache'];

/** Findings of one kind that are kept. */
const maxOfKind = 1000;

/** Findings as they are made: the first thousand of each kind. */
export class FindingList {
  readonly #found = new Map<FindingKind, Finding[]>();
  readonly #left = new Map<FindingKind, number>();

  add(finding: Finding): void {
    const { kind } = finding;
    const found = this.#found.get(kind) ?? [];
    this.#found.set(kind, found);
    if (found.length < maxOfKind) found.push(finding);
    else this.#left.set(kind, (this.#left.get(kind) ?? 0) + 1);
  }

  /** By kind, the most serious first; then by bytes, most first, and path. */
  get findings(): readonly Finding[] {
    return kinds.flatMap((kind) => (this.#found.get(kind) ?? []).toSorted(compare));
  }

  /** Sentences about what was left out. */
  get problems(): readonly string[] {
    return [...this.#left].map(
      ([kind, count]) => `${count} more findings of the kind ${kind} are left out; the first ${maxOfKind} are listed.`,
    );
  }
}

function compare(a: Finding, b: Finding): number {
  const byBytes = a.kind === 'cache' ? b.bytes - a.bytes : 0;
  return byBytes || (a.path === b.path ? a.layer - b.layer : a.path < b.path ? -1 : 1);
}
