import path from 'node:path';
import { releaseOf } from './pom.ts';

/** What of a Gradle build script says how to make an image of its project: read as text, never run. */
export interface GradleBuild {
  readonly hasSpringBoot: boolean;
  readonly hasApplication: boolean;
  readonly mainClass?: string;
  /** The release of Java it is compiled for. */
  readonly release?: number;
}

const maxCharacters = 1 << 20;
const maxModules = 500;

/** @param script a build.gradle or build.gradle.kts */
export function parseGradleBuild(script: string): GradleBuild {
  const text = withoutComments(script.slice(0, maxCharacters));
  const lines = text.split('\n');
  const applies = (pattern: RegExp): boolean =>
    lines.some((line) => pattern.test(line) && !/\bapply\s{0,5}\(?\s{0,5}false\b/.test(line));
  const [, mainClass] = /\bmainClass(?:Name)?(?:\.set\(|\s{0,9}=)\s{0,9}["']([\w.$]{1,500})["']/.exec(text) ?? [];
  const [, level] =
    /\blanguageVersion(?:\.set\(|\s{0,9}=)\s{0,9}JavaLanguageVersion\.of\(\s{0,9}["']?(\d{1,3})/.exec(text) ??
    /\b(?:targetCompatibility|sourceCompatibility)(?:\.set\(|\s{0,9}=?)\s{0,9}(?:JavaVersion\.VERSION_|["'])?([\d._]{1,9})/.exec(
      text,
    ) ??
    [];
  const release = level === undefined ? undefined : releaseOf(level.replace('_', '.'));
  return {
    // By its id, or the alias that it usually has in a catalog of versions.
    hasSpringBoot: applies(
      /["']org\.springframework\.boot["']|\balias\s{0,5}\(\s{0,5}libs\.plugins\.[\w.]{0,60}?spring[\w.]{0,60}?boot\b/i,
    ),
    hasApplication: applies(
      /(?:^|[{;])\s{0,40}(?:application\s{0,9}(?:$|[;}])|id[\s(]{1,9}["']application["']|apply\s{1,9}plugin:\s{0,9}["']application["'])/,
    ),
    ...(mainClass === undefined ? {} : { mainClass }),
    ...(release === undefined ? {} : { release }),
  };
}

/** What a settings.gradle or settings.gradle.kts says the whole is called; else it is called as its folder. */
export function rootProjectName(script: string): string | undefined {
  const text = withoutComments(script.slice(0, maxCharacters));
  return /^\s{0,40}rootProject\.(?:name\s{0,9}=|setName\()\s{0,9}["']([^"'$/\\]{1,200})["']/m.exec(text)?.[1];
}

/** Paths of the projects that a settings.gradle or settings.gradle.kts includes, such as `services/api` for `:services:api`. */
export function gradleModules(script: string): readonly string[] {
  const text = withoutComments(script.slice(0, maxCharacters));
  const calls = text.matchAll(/^[ \t]{0,40}include\b[\s(]{0,9}((?:["'][\w.:/-]{1,300}["'][\s,]{0,200}){1,500})/gm);
  const names = [...calls].flatMap(([, list = '']) =>
    [...list.matchAll(/["']([^"']+)["']/g)].map(([, one = '']) => one),
  );
  const paths = names.map((name) => name.replace(/^:/, '').replaceAll(':', '/'));
  return [...new Set(paths)]
    .filter((one) => !one.startsWith('/') && !one.split('/').includes('..'))
    .slice(0, maxModules);
}

/** The folders of projects that are not where their path says: `project(':api').projectDir = file('services/api')`. */
export function gradleFolders(script: string): ReadonlyMap<string, string> {
  const text = withoutComments(script.slice(0, maxCharacters));
  const lines = text.matchAll(
    /^[ \t]{0,40}project\(["']:?([\w.:/-]{1,300})["']\)\.projectDir\s{0,9}=\s{0,9}(?:new\s)?[Ff]ile\((?:(?:settingsDir|rootDir),\s{0,9})?["'](?:\$\{?(?:settingsDir|rootDir)\}?\/)?([\w./ -]{1,300})["']\)/gm,
  );
  const named = [...lines].map(([, name = '', folder = '']): [string, string] => [
    name.replaceAll(':', '/'),
    path.posix.normalize(folder).replace(/\/$/, ''),
  ]);
  return new Map(named.filter(([, folder]) => !folder.startsWith('/') && !folder.split('/').includes('..')));
}

function withoutComments(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .filter((line) => !/^\s{0,200}(?:\/\/|\*|\/\*)/.test(line))
    .join('\n');
}
