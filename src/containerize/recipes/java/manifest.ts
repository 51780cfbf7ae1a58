import type { Io } from '../../../content/store.ts';
import type { ZipFile } from '../../zipFile.ts';

const manifestName = 'META-INF/MANIFEST.MF';
const maxManifestBytes = 1 << 20;
const maxLines = 10_000;

/** The main section of the manifest of a JAR; undefined where it has none. @throws OciError corrupt-archive, too-large */
export async function readManifest(zip: ZipFile, io: Io): Promise<ReadonlyMap<string, string> | undefined> {
  const entry = await zip.find(manifestName, io);
  return entry && manifestOf(new TextDecoder().decode(await zip.read(entry, maxManifestBytes, io)));
}

/** The main section of a JAR's manifest (JAR specification): names in lower case, of several of one name the last, as Java has it. */
export function manifestOf(content: string): ReadonlyMap<string, string> {
  const text = content.replace(/\r\n?/g, '\n');
  const [main = ''] = text.split('\n\n', 1);
  const attributes = new Map<string, string>();
  // A line that begins with a space goes on with the one before.
  for (const line of main.replaceAll('\n ', '').split('\n').slice(0, maxLines)) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(0, colon)).toLowerCase();
    if (name !== '') attributes.set(name, line.slice(colon + 1).trim());
  }
  return attributes;
}
