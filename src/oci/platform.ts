import { OciError } from '../errors.ts';
import { isObject, stringList } from './json.ts';

/** image-spec image-index.md, `platform`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

const component = /^[a-z0-9_.+-]{1,64}$/;
const architectures: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'],
  ['x86-64', 'amd64'],
  ['aarch64', 'arm64'],
  ['i386', '386'],
]);

/** Parses `os/architecture[/variant]`, as in `linux/arm64/v8`. @throws OciError invalid-reference */
export function parsePlatform(text: string): Platform {
  const [os, architecture, variant, ...rest] = text.trim().toLowerCase().split('/');
  const parts = [os, architecture, variant ?? 'v8'];
  if (rest.length > 0 || !parts.every((part) => part !== undefined && component.test(part))) {
    throw new OciError(
      'invalid-reference',
      `${JSON.stringify(text.slice(0, 80))} is not a platform. Write os/architecture or os/architecture/variant, such as linux/arm64.`,
    );
  }
  return normalizePlatform({
    os: os ?? '',
    architecture: architecture ?? '',
    ...(variant === undefined ? {} : { variant }),
  });
}

/** `os/architecture[/variant]`. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return variant === undefined || variant === '' ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/** One spelling of each platform: x86_64 is amd64, aarch64 is arm64, arm64's default variant v8 is left out. */
export function normalizePlatform(platform: Platform): Platform {
  const architecture = architectures.get(platform.architecture) ?? platform.architecture;
  const { variant, ...rest } = platform;
  const dropped = variant === undefined || variant === '' || (architecture === 'arm64' && variant === 'v8');
  return dropped ? { ...rest, architecture } : { ...rest, architecture, variant };
}

/** True where `offered` satisfies `wanted`; an absent variant in `wanted` accepts every variant. */
export function matchesPlatform(wanted: Platform, offered: Platform): boolean {
  const [a, b] = [normalizePlatform(wanted), normalizePlatform(offered)];
  return (
    a.os === b.os &&
    a.architecture === b.architecture &&
    (a.variant === undefined || a.variant === b.variant) &&
    (a['os.version'] === undefined || a['os.version'] === b['os.version'])
  );
}

/** Reads a `platform` member; undefined where it is absent or has no os and architecture. */
export function readPlatform(value: unknown): Platform | undefined {
  if (!isObject(value)) return undefined;
  const { os, architecture, variant } = value;
  if (typeof os !== 'string' || typeof architecture !== 'string') return undefined;
  const version = value['os.version'];
  const features = stringList(value['os.features']);
  return {
    os,
    architecture,
    ...(typeof variant === 'string' && variant !== '' ? { variant } : {}),
    ...(typeof version === 'string' && version !== '' ? { 'os.version': version } : {}),
    ...(features.length > 0 ? { 'os.features': features } : {}),
  };
}
