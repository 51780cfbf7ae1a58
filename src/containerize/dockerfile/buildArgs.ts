import { formatPlatform, parsePlatform } from '../../oci/platform.ts';
import type { Complaints } from './complaints.ts';
import type { Dockerfile } from './dockerfile.ts';
import { expandWord } from './expand.ts';
import { WordBudget } from './wordBudget.ts';

export interface ArgOptions {
  /** What is given from outside. */
  readonly args: Readonly<Record<string, string>>;
  /** Such as `linux/arm64`. */
  readonly platform: string;
  /** The name of the stage that is built. */
  readonly target: string;
}

/** Arguments that need not be declared before the first FROM, with the values that BuildKit gives them. */
export function platformArgs({ platform, target }: ArgOptions): ReadonlyMap<string, string> {
  const wanted = parsePlatform(platform);
  const own = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
  return new Map([
    ['BUILDPLATFORM', formatPlatform(own)],
    ['BUILDOS', own.os],
    ['BUILDOSVERSION', ''],
    ['BUILDARCH', own.architecture],
    ['BUILDVARIANT', ''],
    ['TARGETPLATFORM', formatPlatform(wanted)],
    ['TARGETOS', wanted.os],
    ['TARGETOSVERSION', ''],
    ['TARGETARCH', wanted.architecture],
    ['TARGETVARIANT', wanted.variant ?? ''],
    ['TARGETSTAGE', target],
  ]);
}

/**
 * What `FROM` can use, and a stage's `ARG NAME` without a value takes over: predefined arguments and those before the first
 * FROM, each with the value from outside where there is one.
 * @throws OciError invalid-reference for a platform that is none
 */
export async function globalArgs(
  { args: steps, escape }: Dockerfile,
  options: ArgOptions,
  complaints: Complaints,
): Promise<ReadonlyMap<string, string>> {
  const values = new Map(platformArgs(options));
  const budget = new WordBudget();
  const given = (name: string): string | undefined =>
    Object.hasOwn(options.args, name) ? options.args[name] : undefined;
  for (const name of values.keys()) values.set(name, given(name) ?? values.get(name) ?? '');
  for (const step of steps) {
    for (const arg of step.kind === 'arg' ? step.args : []) {
      const value = await complaints.attempt(step.place, () => {
        const fallback = arg.default;
        if (fallback === undefined) return given(arg.name);
        return given(arg.name) ?? expandWord(fallback, { variable: (name) => values.get(name), escape, budget });
      });
      if (value !== undefined) values.set(arg.name, value);
    }
  }
  return values;
}
