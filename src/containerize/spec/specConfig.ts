import type { ConfigChanges, Healthcheck } from '../../api.ts';
import { escapeText } from '../../oci/reference.ts';
import { duration } from '../dockerfile/duration.ts';
import { specChecks } from './specChecks.ts';
import { specMembers } from './specMembers.ts';
import type { SpecReader } from './specReader.ts';

const longestRetries = 1_000_000;

/** Reads the members that change the image config; what is wrong with them is reported to the reader. */
export function readConfig(reader: SpecReader): ConfigChanges {
  const { absolute, port, signal, user } = specChecks;
  const all: { readonly [Name in keyof ConfigChanges]: ConfigChanges[Name] | undefined } = {
    entrypoint: reader.texts(['entrypoint'], { example: '[/app/server, --verbose]' }),
    cmd: reader.texts(['cmd'], { example: '[--port, "8080"]' }),
    env: readEnv(reader),
    workdir: reader.text(['workdir'], { check: absolute }),
    user: reader.text(['user'], { check: user }),
    labels: reader.textMap(['labels']),
    ports: reader.texts(['ports'], { check: port, example: '[8080, 53/udp]' }),
    volumes: reader.texts(['volumes'], { check: absolute, example: '[/data]' }),
    stopSignal: reader.text(['stopSignal'], { check: signal }),
    healthcheck: readHealthcheck(reader),
    shell: reader.texts(['shell'], { example: '[/bin/bash, -c]' }),
    author: reader.text(['author']),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Names with values, or a list of NAME=value. */
function readEnv(reader: SpecReader): readonly string[] | undefined {
  const value = reader.value(['env']);
  if (Array.isArray(value)) return reader.texts(['env'], { check: specChecks.env });
  const map = reader.textMap(['env']);
  if (map === undefined) return undefined;
  for (const name of Object.keys(map).filter((one) => one === '' || one.includes('='))) {
    reader.report(['env', name], `${escapeText(name)} cannot be the name of an environment variable`, 'key');
  }
  return Object.entries(map).map(([name, text]) => `${name}=${text}`);
}

/** `none` takes the base's away. */
function readHealthcheck(reader: SpecReader): Healthcheck | null | undefined {
  const path = ['healthcheck'];
  if (reader.value(path) === 'none') return null;
  const names = reader.members(path, specMembers.healthcheck);
  if (names === undefined) return undefined;
  const test = readTest(reader);
  const durations = (['interval', 'timeout', 'startPeriod', 'startInterval'] as const).map((name) => {
    const text = reader.text([...path, name], { check: specChecks.duration, isFixed: true });
    return [name, text === undefined ? undefined : duration(text)] as const;
  });
  const retries = reader.count([...path, 'retries'], longestRetries);
  const times = Object.fromEntries(durations.filter(([, time]) => time !== undefined));
  return { test, ...times, ...(retries === undefined ? {} : { retries }) };
}

/** A text is for the shell, a list is run as it is. */
function readTest(reader: SpecReader): readonly string[] {
  const path = ['healthcheck', 'test'];
  const value = reader.value(path);
  if (value === undefined) {
    reader.report(['healthcheck'], 'healthcheck needs test: the command, such as [/app/server, --check]', 'key');
    return [];
  }
  if (!Array.isArray(value)) return ['CMD-SHELL', reader.text(path) ?? ''];
  const words = reader.texts(path) ?? [];
  const [first] = words;
  if (first === undefined) reader.report(path, 'the test is empty. Name a command, or write healthcheck: none');
  return first === 'NONE' || first === 'CMD' || first === 'CMD-SHELL' ? words : ['CMD', ...words];
}
