/** A layer that an archive of Spring Boot asks for. */
export interface IndexedLayer {
  readonly name: string;
  /** Paths of files, and of folders with a `/` at the end. */
  readonly paths: readonly string[];
}

const maxLines = 200_000;
const maxLayers = 100;

/** A BOOT-INF/layers.idx (Spring Boot, Executable JAR Format: Layer Index); undefined for what is none. */
export function parseLayersIndex(text: string): readonly IndexedLayer[] | undefined {
  const layers: { readonly name: string; readonly paths: string[] }[] = [];
  const lines = text.split(/\r?\n/, maxLines);
  for (const line of lines) {
    const [, name] = /^- "([^"]{1,200})":\s*$/.exec(line) ?? [];
    const [, path] = /^ {2}- "([^"]{1,4096})"\s*$/.exec(line) ?? [];
    if (name !== undefined) layers.push({ name, paths: [] });
    else if (path !== undefined) layers[layers.length - 1]?.paths.push(path);
    else if (line.trim() !== '') return undefined;
  }
  return layers.length > 0 && layers.length <= maxLayers ? layers : undefined;
}

/** Says for a path which of the layers it is in: the first that names it or a folder above it. */
export function layerFinder(layers: readonly IndexedLayer[]): (path: string) => number | undefined {
  const places = new Map<string, number>();
  for (const [at, { paths }] of layers.entries()) {
    for (const path of paths) if (!places.has(path)) places.set(path, at);
  }
  return (path) => {
    let found = places.get(path);
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const above = places.get(path.slice(0, end + 1));
      if (above !== undefined) found = Math.min(found ?? above, above);
    }
    return found;
  };
}
