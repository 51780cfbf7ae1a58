import type { LayerFile } from '../../../archive/pack.ts';
import type { LayerBlueprint } from '../../blueprint.ts';
import { appRoot } from './libraries.ts';
import { isClassName } from './scanClasses.ts';
import type { ExplodedJar } from './explodedJar.ts';
import { layerFinder, parseLayersIndex } from './layersIndex.ts';

/** Of JARs and of WARs that can be started. */
export const layersIndexNames: readonly string[] = ['BOOT-INF/layers.idx', 'WEB-INF/layers.idx'];

/** True for an executable archive of Spring Boot. */
export function isSpringBoot({ manifest, files }: ExplodedJar): boolean {
  return manifest.has('spring-boot-version') || files.some(({ name }) => name.startsWith('BOOT-INF/'));
}

/** Its layers, as its index says, else as Jib cuts them. Where the index leaves a file out, it is in the last. */
export function springBootLayers({ files, texts }: ExplodedJar): readonly LayerBlueprint[] {
  const index = layersIndexNames.map((name) => texts.get(name)).find((text) => text !== undefined);
  const indexed = index === undefined ? undefined : parseLayersIndex(index);
  const names = indexed?.map(({ name }) => name) ?? usual;
  const find = indexed === undefined ? usualLayer : layerFinder(indexed);
  const layers = names.map((name) => ({ name, files: [] as LayerFile[] }));
  for (const { name, place } of files) layers[find(name) ?? names.length - 1]?.files.push(place(`${appRoot}/${name}`));
  return layers.filter((layer) => layer.files.length > 0);
}

const usual = ['dependencies', 'spring-boot-loader', 'snapshot dependencies', 'resources', 'classes'];

function usualLayer(name: string): number {
  if (/^(?:BOOT|WEB)-INF\/lib(?:-provided)?\//.test(name)) return name.includes('SNAPSHOT') ? 2 : 0;
  if (name.startsWith('org/')) return 1;
  return /^(?:BOOT|WEB)-INF\/classes\//.test(name) && isClassName(name) ? 4 : 3;
}
