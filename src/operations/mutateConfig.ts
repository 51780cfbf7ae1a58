import type { ConfigChanges } from '../api.ts';
import { OciError } from '../errors.ts';
import { isObject, type JsonObject, stringList, stringMap } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';

/**
 * The `config` member of an image config (image-spec config.md) with changes made to it; members that nothing changes stay.
 * `entrypoint` clears Cmd unless `cmd` is given too, as docker does; `env` replaces by name; `labels` and `ports` are added.
 * @throws OciError invalid-reference for an env without name, a port or a working directory that is none
 */
export function mutateConfig(config: unknown, changes: ConfigChanges): JsonObject {
  const base = isObject(config) ? config : {};
  const { entrypoint, cmd, env, workdir, user, labels, ports } = changes;
  return {
    ...(entrypoint === undefined ? base : without(base, 'Cmd')),
    ...(entrypoint === undefined ? {} : { Entrypoint: command(entrypoint) }),
    ...(cmd === undefined ? {} : { Cmd: command(cmd) }),
    ...(env === undefined ? {} : { Env: mergeEnv(stringList(base['Env']), env) }),
    ...(workdir === undefined ? {} : { WorkingDir: absolute(workdir) }),
    ...(user === undefined ? {} : { User: user }),
    ...(labels === undefined ? {} : { Labels: { ...stringMap(base['Labels']), ...labels } }),
    ...(ports === undefined ? {} : { ExposedPorts: { ...objectOf(base['ExposedPorts']), ...exposed(ports) } }),
  };
}

/** The object without some of its members. */
export function without(json: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)));
}

/** An empty list takes the base's command away. */
function command(words: readonly string[]): readonly string[] | null {
  return words.length === 0 ? null : words;
}

function mergeEnv(base: readonly string[], env: readonly string[]): readonly string[] {
  const merged = [...base];
  for (const entry of env) {
    const name = entry.slice(0, Math.max(entry.indexOf('='), 0));
    if (name === '' || entry.includes('\0')) throw invalid('env', entry, 'write it as NAME=value');
    const at = merged.findIndex((one) => one.startsWith(`${name}=`));
    if (at < 0) merged.push(entry);
    else merged[at] = entry;
  }
  return merged;
}

function absolute(workdir: string): string {
  if (workdir.startsWith('/') && !workdir.includes('\0')) return workdir;
  throw invalid('workdir', workdir, 'it must be an absolute path, such as /app');
}

/** `8080`, `53/udp` and `2000-2003/tcp`, as the members of ExposedPorts. */
function exposed(ports: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(ports.flatMap(portRange).map((port) => [port, {}]));
}

function portRange(text: string): readonly string[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match === null || first < 1 || last > 65_535 || last < first) {
    throw invalid('ports', text, 'write a number from 1 to 65535, with /udp or /sctp where it is not /tcp');
  }
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${match[3] ?? 'tcp'}`);
}

function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The value is not shown: it may hold a secret. */
function invalid(member: string, value: string, reason: string): OciError {
  const shown = member === 'env' ? '' : ` ${escapeText(value)}`;
  return new OciError('invalid-reference', `the ${member}${shown} cannot be set: ${reason}.`);
}
