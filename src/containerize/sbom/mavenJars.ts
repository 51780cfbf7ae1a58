import type { Io } from '../../content/store.ts';
import { isOciError } from '../../errors.ts';
import { type ByteSource, bytesSource } from '../byteSource.ts';
import { ZipFile, type ZipMember } from '../zipFile.ts';
import { purlOf } from './purl.ts';
import { plainLine, type SbomPackage, sbomPackage } from './sbomPackage.ts';

const maxPropertiesBytes = 64 << 10;
const maxNestedBytes = 64 << 20;
const maxNested = 5000;
const propertiesName = /^META-INF\/maven\/[^/]+\/[^/]+\/pom\.properties$/;
const nestedName = /^(?:(?:BOOT-INF|WEB-INF)\/)?lib(?:-provided)?\/[^/]+\.jar$/;

/**
 * The artifacts in a JAR, WAR or Spring Boot archive: by the `pom.properties` that Maven leaves in it, else by its name.
 * JARs in it are looked into too. @throws OciError corrupt-archive, too-large, unsupported-media-type
 */
export async function mavenPackages(source: ByteSource, fileName: string, io: Io): Promise<readonly SbomPackage[]> {
  const zip = await ZipFile.open(source, io);
  if (zip === undefined) return [];
  const members = await zip.list(io);
  const own = await artifactsOf(zip, members, io);
  const nested: SbomPackage[] = [];
  for (const member of members.filter(({ name }) => nestedName.test(name)).slice(0, maxNested)) {
    nested.push(...(await nestedPackages(zip, member, io)));
  }
  // An application's own archive is not an artifact that anybody else knows by its name.
  const named = own.length > 0 || nested.length > 0 ? own : namedPackage(fileName);
  return [...named, ...nested];
}

async function artifactsOf(zip: ZipFile, members: readonly ZipMember[], io: Io): Promise<readonly SbomPackage[]> {
  const found: SbomPackage[] = [];
  for (const member of members.filter(({ name }) => propertiesName.test(name))) {
    found.push(...propertiesPackages(await zip.read(member, maxPropertiesBytes, io)));
  }
  return found;
}

/** What cannot be read of an inner archive is known by its name at least. */
async function nestedPackages(zip: ZipFile, member: ZipMember, io: Io): Promise<readonly SbomPackage[]> {
  const fileName = member.name.slice(member.name.lastIndexOf('/') + 1);
  try {
    const inner = await ZipFile.open(bytesSource(await zip.read(member, maxNestedBytes, io)), io);
    const found = inner === undefined ? [] : await artifactsOf(inner, await inner.list(io), io);
    return found.length > 0 ? found : namedPackage(fileName);
  } catch (error) {
    if (!isOciError(error, 'corrupt-archive', 'too-large', 'unsupported-media-type')) throw error;
    return namedPackage(fileName);
  }
}

function propertiesPackages(bytes: Uint8Array): readonly SbomPackage[] {
  const values = new Map<string, string>();
  for (const line of new TextDecoder().decode(bytes).split(/\r?\n/)) {
    const equals = line.indexOf('=');
    if (equals > 0 && !line.startsWith('#')) values.set(line.slice(0, equals).trim(), line.slice(equals + 1).trim());
  }
  const [group, name, version] = ['groupId', 'artifactId', 'version'].map((key) => plainLine(values.get(key)));
  if (group === undefined || name === undefined || version === undefined) return [];
  return [sbomPackage(`${group}:${name}`, version, purlOf({ type: 'maven', namespace: group, name, version }))];
}

/** `guava-33.0.0-jre.jar`: the version begins at the first dash before a digit. The group is not known. */
function namedPackage(fileName: string): readonly SbomPackage[] {
  const found = /^(.{1,200}?)-(\d[\w.+-]{0,100})\.[jw]ar$/.exec(fileName);
  const [name, version] = [plainLine(found?.[1]), plainLine(found?.[2])];
  if (name === undefined || version === undefined) return [];
  const comment = 'Name and version are those of the file: it does not say what Maven artifact it is.';
  return [sbomPackage(name, version, purlOf({ type: 'maven', name, version }), { comment })];
}
