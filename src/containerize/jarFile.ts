import type { JavaDescription } from '../api.ts';
import type { Io } from '../content/store.ts';
import { escapeText } from '../oci/reference.ts';
import type { ByteSource } from './byteSource.ts';
import type { Described } from './described.ts';
import { Fields } from './fields.ts';
import { readClassFile } from './recipes/java/classFile.ts';
import { manifestOf } from './recipes/java/manifest.ts';
import { ZipFile } from './zipFile.ts';

const maxManifestBytes = 1 << 20;
const maxClassBytes = 16 << 20;

export function isZip(head: Uint8Array): boolean {
  return head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4;
}

/** A JAR file (JAR specification): what `java -jar` does with it. Undefined for other archives. @throws OciError corrupt-archive */
export async function describeJar(source: ByteSource, io: Io): Promise<Described | undefined> {
  const zip = await ZipFile.open(source, io);
  const entry = await zip?.find('META-INF/MANIFEST.MF', io);
  if (zip === undefined || entry === undefined) return undefined;
  const attributes = manifestOf(new TextDecoder().decode(await zip.read(entry, maxManifestBytes, io)));
  const mainClass = attributes.get('main-class');
  const problems: string[] = [];
  const versions: number[] = [];
  // Spring Boot's launcher, the main class, is older than what it launches.
  for (const [name, folder] of [
    [mainClass, ''],
    [attributes.get('start-class'), attributes.get('spring-boot-classes') ?? 'BOOT-INF/classes/'],
  ] as const) {
    const path = `${folder}${name?.replaceAll('.', '/') ?? ''}.class`;
    const found = name === undefined ? undefined : await zip.find(path, io);
    if (found !== undefined) versions.push(classVersion(await zip.read(found, maxClassBytes, io)));
    else if (name !== undefined) problems.push(`The class ${escapeText(name)} that it starts is not in it.`);
  }
  const java = description(mainClass ?? null, versions.length === 0 ? null : Math.max(...versions));
  const kind = mainClass === undefined ? 'library' : 'program';
  return { format: 'jar', kind, platforms: [], tools: tools(attributes), java, problems };
}

/** A single class file (Java virtual machine specification, 4.1). @throws OciError corrupt-archive */
export async function describeClass(source: ByteSource, io: Io): Promise<Described> {
  const java = description(null, classVersion(await source.read(0, 8, io)));
  const whole = source.size > maxClassBytes ? undefined : readClassFile(await source.read(0, source.size, io));
  const kind = whole?.isMain === true ? 'program' : 'other';
  return { format: 'class', kind, platforms: [], tools: [], java, problems: [] };
}

/** Java 1.1 has 45, and each release since 1.2 one more. */
function description(mainClass: string | null, version: number | null): JavaDescription {
  return { mainClass, classVersion: version, release: version === null ? null : Math.max(1, version - 44) };
}

function classVersion(bytes: Uint8Array): number {
  const fields = new Fields(bytes, { endian: 'big', bits: 32 });
  if (fields.u32(0) !== 0xcafebabe) fields.part(fields.length, 1);
  return fields.u16(6);
}

function tools(attributes: ReadonlyMap<string, string>): readonly string[] {
  const created = attributes.get('created-by');
  return created === undefined ? [] : [created.slice(0, 200)];
}
