import type { PreflightReason } from '../../api.ts';
import type { Io } from '../../content/store.ts';
import { escapeText } from '../../oci/reference.ts';
import type { BaseFiles } from './baseFiles.ts';
import { checkCommand } from './checkScript.ts';
import { findCommand } from './findCommand.ts';
import { folderOf } from './loader.ts';
import type { Check, Subject } from './subject.ts';

const maxReleaseBytes = 64 << 10;

/** Looks for a Java that is new enough for a JAR. */
export const checkJar: Check = async (subject, io) => {
  const release = subject.binary.java?.release ?? null;
  const onPath = findCommand(subject, 'java');
  const found = onPath ?? findCommand(subject, 'java', javaFolders(subject.base));
  if (found === undefined) return [noJava(release)];
  const reasons = await checkCommand(found, io);
  if (reasons.length > 0) return reasons;
  const has = await javaRelease(found, io);
  if (has === undefined || release === null) return [notTold(found, release)];
  if (has < release) return [oldJava(has, release)];
  return onPath === undefined ? [notOnPath(found)] : [];
};

/** Where images keep a Java that is not on the PATH. */
function javaFolders(base: BaseFiles): readonly string[] {
  const home = base.variable('JAVA_HOME');
  const homes = ['/usr/lib/jvm', '/opt/java', '/opt', '/usr/java'].flatMap((parent) =>
    [...(base.find(parent)?.children?.keys() ?? [])]
      .slice(0, 200)
      .sort()
      .map((name) => `${parent}/${name}`),
  );
  return [...(home === undefined ? [] : [home]), ...homes].map((folder) => `${folder}/bin`);
}

/** The feature release that the `release` file of a Java names (JEP 223; before 9 it is the second number). */
async function javaRelease({ base, path }: Subject, io: Io): Promise<number | undefined> {
  for (const home of [`${folderOf(path)}/..`, `${folderOf(path)}/../..`]) {
    const text = await base.text(`${home}/release`, maxReleaseBytes, io);
    const [, first, second] = /^JAVA_VERSION="?(\d{1,4})(?:\.(\d{1,4}))?/m.exec(text ?? '') ?? [];
    if (first !== undefined) return first === '1' ? Number(second ?? 1) : Number(first);
  }
  return undefined;
}

function noJava(release: number | null): PreflightReason {
  const wanted = release === null ? 'Java' : `Java ${release} or newer`;
  return {
    code: 'no-java',
    effect: 'fails',
    text: 'There is no Java in the base: no folder of its PATH has a program java that its user may run.',
    fix: `Choose a base with ${wanted}, such as eclipse-temurin or distroless/java.`,
  };
}

function oldJava(has: number, release: number): PreflightReason {
  return {
    code: 'old-java',
    effect: 'fails',
    text: `The base has Java ${has}, and the program is compiled for Java ${release}.`,
    fix: `Choose a base with Java ${release} or newer, or compile with \`--release ${has}\`.`,
  };
}

function notTold({ path }: Subject, release: number | null): PreflightReason {
  const text =
    release === null
      ? 'For which Java the program is compiled is not known.'
      : `Which version ${escapeText(path)} of the base is cannot be told: it has no file release with JAVA_VERSION.`;
  return { code: 'not-checked', effect: 'unknown', text };
}

function notOnPath({ path }: Subject): PreflightReason {
  const text = `The base has ${escapeText(path)}, but not on its PATH: name it with its folder.`;
  return { code: 'no-java', effect: 'note', text };
}
