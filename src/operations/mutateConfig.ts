import type { ConfigChanges, Healthcheck } from '../api.ts';
import { OciError } from '../errors.ts';
import { isObject, type JsonObject, stringList, stringMap } from '../oci/json.ts';
import { escapeText } from '../oci/reference.ts';

/** Most ports that changes may name, ranges counted in full. */
const maxPorts = 100_000;
const signalName =
  /^(?:SIG)?(?:ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR[12]|VTALRM|WINCH|XCPU|XFSZ|RTMIN(?:\+(?:[1-9]|1[0-5]))?|RTMAX(?:-(?:[1-9]|1[0-4]))?)$/i;

/**
 * The `config` member of an image config (image-spec config.md) with changes made to it; members that nothing changes stay.
 * `entrypoint` clears Cmd unless `cmd` is given too, as docker does; `env` replaces by name, `path` adds to the end of PATH; `labels`, `ports` and `volumes`
 * are added; a `healthcheck` of null takes the base's away. `author` is no member of it.
 * @throws OciError invalid-reference for an env without name, and for a port, path, signal or healthcheck that is none
 */
export function mutateConfig(config: unknown, changes: ConfigChanges): JsonObject {
  const base = isObject(config) ? config : {};
  const { entrypoint, cmd, env, path, workdir, user, labels, ports } = changes;
  const { volumes, stopSignal, healthcheck, shell } = changes;
  const removed = [...(entrypoint === undefined ? [] : ['Cmd']), ...(healthcheck === null ? ['Healthcheck'] : [])];
  return {
    ...without(base, ...removed),
    ...(entrypoint === undefined ? {} : { Entrypoint: command(entrypoint) }),
    ...(cmd === undefined ? {} : { Cmd: command(cmd) }),
    ...(env === undefined && path === undefined
      ? {}
      : { Env: withPath(mergeEnv(stringList(base['Env']), env ?? []), path ?? []) }),
    ...(workdir === undefined ? {} : { WorkingDir: absolute(workdir) }),
    ...(user === undefined ? {} : { User: user }),
    ...(labels === undefined ? {} : { Labels: { ...stringMap(base['Labels']), ...labels } }),
    ...(ports === undefined ? {} : { ExposedPorts: { ...objectOf(base['ExposedPorts']), ...exposed(ports) } }),
    ...(volumes === undefined ? {} : { Volumes: { ...objectOf(base['Volumes']), ...mounted(volumes) } }),
    ...(stopSignal === undefined ? {} : { StopSignal: signal(stopSignal) }),
    ...(healthcheck === undefined || healthcheck === null ? {} : { Healthcheck: checked(healthcheck) }),
    ...(shell === undefined ? {} : { Shell: command(shell) }),
  };
}

/** True for `SIGTERM`, `term`, `SIGRTMIN+3` and numbers from 1 to 64: what runtimes can send. */
export function isStopSignal(text: string): boolean {
  return /^\d{1,2}$/.test(text) ? Number(text) >= 1 && Number(text) <= 64 : signalName.test(text);
}

/** The object without some of its members. */
export function without(json: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name]) => !names.includes(name)));
}

/** An empty list takes the base's command away. */
function command(words: readonly string[]): readonly string[] | null {
  return words.length === 0 ? null : words;
}

/** What runtimes search where an image names no PATH. */
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** With folders at the end of PATH that are not in it. Of a variable that is there twice processes see the last. */
function withPath(env: readonly string[], folders: readonly string[]): readonly string[] {
  const old = env.findLast((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) ?? defaultPath;
  const there = old.split(':');
  const added = folders.map(searched).filter((folder) => !there.includes(folder));
  return added.length === 0 ? env : mergeEnv(env, [`PATH=${[...there, ...added].join(':')}`]);
}

function searched(folder: string): string {
  if (folder.startsWith('/') && !/[:\0]/.test(folder)) return folder;
  throw invalid('path', folder, 'it must be an absolute folder without a colon, such as /app/bin');
}

function mergeEnv(base: readonly string[], env: readonly string[]): readonly string[] {
  const merged = [...base];
  const places = new Map(base.map((entry, at) => [nameOf(entry), at]));
  for (const entry of env) {
    const name = nameOf(entry);
    if (name === '' || entry.includes('\0')) throw invalid('env', entry, 'write it as NAME=value');
    const at = places.get(name);
    if (at === undefined) places.set(name, merged.push(entry) - 1);
    else merged[at] = entry;
  }
  return merged;
}

/** Empty where there is no `=`. */
function nameOf(entry: string): string {
  return entry.slice(0, Math.max(entry.indexOf('='), 0));
}

function mounted(volumes: readonly string[]): Readonly<Record<string, object>> {
  const wrong = volumes.find((volume) => !volume.startsWith('/') || volume.includes('\0'));
  if (wrong !== undefined) throw invalid('volumes', wrong, 'it must be an absolute path, such as /data');
  return Object.fromEntries(volumes.map((volume) => [volume, {}]));
}

function signal(text: string): string {
  if (isStopSignal(text)) return text;
  throw invalid('stopSignal', text, 'write a name such as SIGTERM, or a number from 1 to 64');
}

/** Docker's form of a healthcheck; members that are 0 stand for its defaults and are left out, as docker does. */
function checked({ test, ...numbers }: Healthcheck): JsonObject {
  const { interval, timeout, startPeriod, startInterval, retries } = numbers;
  const [kind = '', ...words] = test;
  const isNone = kind === 'NONE' && words.length === 0;
  const isCommand = (kind === 'CMD' && words.length > 0) || (kind === 'CMD-SHELL' && words.length === 1);
  if (!isNone && !isCommand) {
    throw invalid('healthcheck', kind, "its test must be ['NONE'], ['CMD', program, …] or ['CMD-SHELL', command]");
  }
  const named = { Interval: interval, Timeout: timeout, StartPeriod: startPeriod, StartInterval: startInterval };
  for (const [name, value = 0] of Object.entries({ ...named, Retries: retries })) {
    if (Number.isSafeInteger(value) && value >= 0) continue;
    throw invalid('healthcheck', name, 'its durations are whole nanoseconds, and its retries a whole number');
  }
  const set = Object.entries({ ...named, Retries: retries }).filter(([, value = 0]) => value !== 0);
  return { Test: test, ...Object.fromEntries(set) };
}

function absolute(workdir: string): string {
  if (workdir.startsWith('/') && !workdir.includes('\0')) return workdir;
  throw invalid('workdir', workdir, 'it must be an absolute path, such as /app');
}

/** `8080`, `53/udp` and `2000-2003/tcp`, as the members of ExposedPorts. */
function exposed(ports: readonly string[]): Readonly<Record<string, object>> {
  const all: Record<string, object> = {};
  let count = 0;
  for (const text of ports) {
    for (const port of portRange(text)) {
      if (++count > maxPorts) throw invalid('ports', text, `an image may name ${maxPorts} ports`);
      all[port] = {};
    }
  }
  return all;
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
