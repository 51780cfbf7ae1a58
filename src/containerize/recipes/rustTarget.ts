import { OciError } from '../../errors.ts';
import { parsePlatform } from '../../oci/platform.ts';
import { type CargoConfig, cargoSetting, type RustMachine } from './rustMachine.ts';

/** What Rust calls a platform, without the C library: processor and end of the ABI (rustc book, Platform Support). */
const cpus: Readonly<Record<string, readonly [cpu: string, suffix: string]>> = {
  'linux/amd64': ['x86_64', ''],
  'linux/arm64': ['aarch64', ''],
  'linux/386': ['i686', ''],
  'linux/arm': ['armv7', 'eabihf'],
  'linux/arm/v7': ['armv7', 'eabihf'],
  'linux/arm/v6': ['arm', 'eabihf'],
  'linux/arm/v5': ['armv5te', 'eabi'],
  'linux/ppc64le': ['powerpc64le', ''],
  'linux/riscv64': ['riscv64gc', ''],
  'linux/s390x': ['s390x', ''],
  'linux/loong64': ['loongarch64', ''],
};

/** Debian's names of linkers for other machines. */
const gnuNames: Readonly<Record<string, string>> = { armv7: 'arm', arm: 'arm', armv5te: 'arm', riscv64gc: 'riscv64' };

const hosts: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };

/** What Cargo is told for a platform. */
export interface RustTarget {
  /** Such as `x86_64-unknown-linux-musl`. */
  readonly triple: string;
  /** A program of it needs no C library in its image. */
  readonly isStatic: boolean;
  /** Names the linker where the usual one cannot link for it. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The target for a platform: what .cargo/config.toml chose, else with musl where that is installed, else with glibc where
 * that is, else with musl, which is linked without tools of another machine.
 * @throws OciError unsupported-media-type for platforms that Rust has no Linux for
 */
export function rustTarget(
  platform: string,
  installed: ReadonlySet<string>,
  configs: readonly CargoConfig[],
  machine: RustMachine,
): RustTarget {
  const { os, architecture, variant } = parsePlatform(platform);
  // Levels of amd64 are one target.
  const key = [os, architecture, ...(variant === undefined || architecture === 'amd64' ? [] : [variant])].join('/');
  const found = Object.hasOwn(cpus, key) ? cpus[key] : undefined;
  if (found === undefined) {
    throw new OciError(
      'unsupported-media-type',
      `Rust has no target for ${platform}. Choose linux/amd64 or linux/arm64.`,
    );
  }
  const [cpu, suffix] = found;
  const [musl, gnu] = [`${cpu}-unknown-linux-musl${suffix}`, `${cpu}-unknown-linux-gnu${suffix}`];
  const chosen = chosenTargets(configs, machine).find((triple) => triple === musl || triple === gnu);
  const isHost = machine.platform === 'linux' && hosts[machine.arch] === cpu;
  const triple = chosen ?? (installed.has(musl) ? musl : installed.has(gnu) || isHost ? gnu : musl);
  const isStatic = triple === musl;
  const linker = isHost ? undefined : isStatic ? 'rust-lld' : `${gnuNames[cpu] ?? cpu}-linux-gnu${suffix}-gcc`;
  return { triple, isStatic, env: linker === undefined ? {} : linkerFor(triple, linker, configs, machine) };
}

function chosenTargets(configs: readonly CargoConfig[], { env }: RustMachine): readonly string[] {
  const value = env['CARGO_BUILD_TARGET'] ?? cargoSetting(configs, ['build', 'target'])?.value;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((triple) => typeof triple === 'string');
}

/** Nothing where the user has named one. */
function linkerFor(
  triple: string,
  linker: string,
  configs: readonly CargoConfig[],
  { env }: RustMachine,
): Readonly<Record<string, string>> {
  const name = `CARGO_TARGET_${triple.toUpperCase().replaceAll('-', '_')}_LINKER`;
  const isNamed = env[name] !== undefined || cargoSetting(configs, ['target', triple, 'linker']) !== undefined;
  return isNamed ? {} : { [name]: linker };
}
