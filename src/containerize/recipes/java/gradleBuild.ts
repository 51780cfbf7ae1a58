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
    hasSpringBoot: applies(/["']org\.springframework\.boot["']/),
    hasApplication: applies(
      /^\s{0,40}(?:application\s{0,9}$|id[\s(]{1,9}["']application["']|apply\s{1,9}plugin:\s{0,9}["']application["'])/,
    ),
    ...(mainClass === undefined ? {} : { mainClass }),
    ...(release === undefined ? {} : { release }),
  };
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

function withoutComments(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .split('\n')
    .filter((line) => !/^\s{0,200}(?:\/\/|\*|\/\*)/.test(line))
    .join('\n');
}
