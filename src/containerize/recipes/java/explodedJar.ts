import type { GeneratedFile } from '../../../archive/pack.ts';
import type { Io } from '../../../content/store.ts';
import type { ZipFile, ZipMember } from '../../zipFile.ts';
import { withZip, zipContents } from '../../zipOnDisk.ts';
import { modes } from './libraries.ts';
import { readClassFile } from './classFile.ts';
import { manifestOf } from './manifest.ts';

/** A file inside of a JAR. */
export interface ExplodedFile {
  /** Its path inside. */
  readonly name: string;
  /** As a file of a layer. @param to an absolute path in the image */
  readonly place: (to: string) => GeneratedFile;
}

/** What is in a JAR, closed again; the content of a file is read when its layer is packed. */
export interface ExplodedJar {
  /** The main section, names in lower case. */
  readonly manifest: ReadonlyMap<string, string>;
  readonly files: readonly ExplodedFile[];
  /** Texts of files that were asked for, by name. */
  readonly texts: ReadonlyMap<string, string>;
  /** Names of the classes that `java` can start; only looked for where the manifest names none. */
  readonly mains: readonly string[];
  /** Java checks its signature, as long as it is a JAR. */
  readonly isSigned: boolean;
}

const manifestName = 'META-INF/MANIFEST.MF';
/** Without digests in the manifest it is one that was copied from the JAR of a library. */
const signatureName = /^META-INF\/[^/]+\.SF$/i;
const maxTextBytes = 8 << 20;
const maxClassBytes = 16 << 20;
const maxClasses = 20_000;
/** Of all classes of an archive that are looked into. */
const maxScannedBytes = 1 << 30;

/**
 * Lists a JAR of this machine.
 * @param wanted names of files of which the text is read
 * @throws OciError corrupt-archive, too-large, unsupported-media-type; not-found, forbidden
 */
export async function explodeJar(file: string, wanted: readonly string[], io: Io): Promise<ExplodedJar> {
  // Before it is read: what it has become since then is not put in.
  const contentOf = await zipContents(file);
  const read = async (zip: ZipFile): Promise<ExplodedJar> => {
    const members = (await zip.list(io)).filter(({ isDirectory }) => !isDirectory);
    const texts = new Map<string, string>();
    for (const member of members.filter(({ name }) => name === manifestName || wanted.includes(name))) {
      texts.set(member.name, new TextDecoder().decode(await zip.read(member, maxTextBytes, io)));
    }
    const text = texts.get(manifestName) ?? '';
    const manifest = manifestOf(text);
    const isSigned = /^[\w-]{1,70}-Digest:/m.test(text) && members.some(({ name }) => signatureName.test(name));
    const files = members.map((member) => ({
      name: member.name,
      place: (to: string): GeneratedFile => ({ to, content: contentOf(member), ...modes }),
    }));
    const mains = manifest.has('main-class') ? [] : await mainsOf(zip, members, io);
    return { manifest, files, texts, mains, isSigned };
  };
  return withZip(file, read, io);
}

async function mainsOf(zip: ZipFile, members: readonly ZipMember[], io: Io): Promise<readonly string[]> {
  const mains: string[] = [];
  let left = maxScannedBytes;
  for (const member of members.filter(({ name }) => /^(?!META-INF\/).*\.class$/.test(name)).slice(0, maxClasses)) {
    io.signal.throwIfAborted();
    if (member.size > maxClassBytes || (left -= member.size) < 0) continue;
    const found = readClassFile(await zip.read(member, maxClassBytes, io));
    if (found?.isMain === true) mains.push(found.name);
  }
  return mains;
}

/** The release of Java that the class which a JAR starts is compiled for; 0 where it is not in it. @throws OciError corrupt-archive */
export async function classReleaseIn(zip: ZipFile, manifest: ReadonlyMap<string, string>, io: Io): Promise<number> {
  // Spring Boot's launcher, the main class, is older than what it launches.
  const started = manifest.get('start-class');
  const folder = started === undefined ? '' : (manifest.get('spring-boot-classes') ?? 'BOOT-INF/classes/');
  const name = started ?? manifest.get('main-class') ?? '';
  const entry = await zip.find(`${folder}${name.replaceAll('.', '/')}.class`, io);
  if (entry === undefined) return 0;
  return readClassFile(await zip.read(entry, maxClassBytes, io))?.release ?? 0;
}
