import path from 'node:path';
import { OciError, SpecError } from '../../errors.ts';
import { parsePlatform, type Platform } from '../../oci/platform.ts';
import { escapeText } from '../../oci/reference.ts';
import { isToolexec, type KoText } from '../koConfig.ts';
import { expandTemplate, type TemplateValues } from '../koConfigTemplate.ts';
import type { GoProgram } from './goPackages.ts';
import type { BuildStep } from './recipe.ts';

/** How a program is built: what .ko.yaml says of it. */
export interface GoSettings {
  /** For messages. */
  readonly file: string;
  /** `NAME=value`. */
  readonly env: readonly string[];
  readonly flags: readonly KoText[];
  readonly ldflags: readonly KoText[];
}

/** What templates in the flags stand for, but for the environment of the build, which differs by platform. */
export interface GoValues {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of the build, seconds since 1970. */
  readonly seconds: number;
  readonly git: TemplateValues['git'];
}

const howToGet = 'Install Go from https://go.dev/dl/ and start VS Code anew, so that go is on its PATH.';

/** The absolute path of the program for a platform. */
export function goOutput(program: GoProgram, output: string, platform: string): string {
  const { os, architecture, variant } = parsePlatform(platform);
  const folder = [os, architecture, ...(variant === undefined ? [] : [variant])].join('_');
  return path.join(output, folder, program.name);
}

/**
 * The command that builds a program for a platform as ko does: static, without paths of this machine. Where the module is in
 * a git repository, the go command writes the commit into the program, so another commit gives another layer.
 * @throws SpecError for flags that cannot be used; OciError unsupported-media-type for Windows
 */
export function goStep(
  program: GoProgram,
  output: string,
  platform: string,
  settings: GoSettings,
  values: GoValues,
  extra: Readonly<Record<string, string>>,
): BuildStep {
  const { module, importPath } = program;
  const own = { ...environment(settings.env), ...extra, ...target(parsePlatform(platform)) };
  const env = { CGO_ENABLED: '0', ...own };
  const within = importPath === module.path ? '.' : `.${importPath.slice(module.path.length)}`;
  const all: TemplateValues = { ...values, env: { ...values.env, ...env }, goEnv: env };
  const flags = settings.flags.map((flag) => expanded(flag, all, settings.file));
  const ldflags = settings.ldflags.map((flag) => expanded(flag, all, settings.file)).join(' ');
  return {
    title: `go build ${within} for ${platform}`,
    platform,
    command: 'go',
    args: [
      'build',
      ...flags,
      '-trimpath',
      ...(ldflags === '' ? [] : [`-ldflags=${ldflags}`]),
      '-o',
      goOutput(program, output, platform),
      within,
    ],
    directory: module.root,
    env,
    howToGet,
  };
}

function expanded(flag: KoText, values: TemplateValues, file: string): string {
  const text = expandTemplate(flag, values, file);
  if (!isToolexec(text)) return text;
  const { line, column } = flag;
  const problem = 'the flag -toolexec may not be used';
  throw new SpecError(`${escapeText(file)}, line ${line}: ${problem}.`, [{ file, line, column, text: problem }]);
}

/** Null prototype: the names are the file's. */
function environment(entries: readonly string[]): Readonly<Record<string, string>> {
  const env: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const entry of entries) env[entry.slice(0, entry.indexOf('='))] = entry.slice(entry.indexOf('=') + 1);
  return env;
}

/** The go command's variables for a platform (go help environment); GOARM has no value above 7. */
function target(platform: Platform): Readonly<Record<string, string>> {
  const { os, architecture, variant } = platform;
  if (os === 'windows') {
    throw new OciError('unsupported-media-type', 'Images for Windows cannot be made of Go programs. Choose linux.');
  }
  const level = /^v([5-9])$/.exec(variant ?? '')?.[1];
  return {
    GOOS: os,
    GOARCH: architecture,
    ...(architecture === 'arm' && level !== undefined ? { GOARM: String(Math.min(7, Number(level))) } : {}),
    ...(architecture === 'amd64' && variant !== undefined ? { GOAMD64: variant } : {}),
  };
}
