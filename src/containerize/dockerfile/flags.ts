import { type Complaints, quoted } from './complaints.ts';
import type { Flag, Instruction } from './instruction.ts';

/** Which flags an instruction has: without value or with `true` and `false`, with one text, with a text each time. */
export type FlagKinds = Readonly<Record<string, 'switch' | 'text' | 'texts'>>;

/** The flags of one instruction by their names. */
export class Flags {
  readonly #values = new Map<string, readonly string[]>();

  /** Flags that are not of these kinds, or stand twice, are complained of. */
  constructor({ keyword, flags }: Instruction, kinds: FlagKinds, complaints: Complaints) {
    for (const flag of flags) {
      const reason = this.#take(flag, kinds);
      if (reason !== undefined) complaints.add(flag.place, `${keyword}: ${quoted(flag.text)} ${reason}.`);
    }
  }

  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  texts(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  /** Undefined where it is not given. */
  switch(name: string): boolean | undefined {
    const value = this.text(name);
    return value === undefined ? undefined : value === 'true';
  }

  #take({ name, value }: Flag, kinds: FlagKinds): string | undefined {
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
    if (kind === undefined) return 'is no flag it has';
    const before = this.#values.get(name);
    if (before !== undefined && kind !== 'texts') return 'stands twice';
    const text = kind === 'switch' ? (value ?? 'true').toLowerCase() : value;
    if (text === undefined) return `needs a value: --${name}=…`;
    if (kind === 'switch' && text !== 'true' && text !== 'false') return 'must be true or false';
    this.#values.set(name, [...(before ?? []), text]);
    return undefined;
  }
}
