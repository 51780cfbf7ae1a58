import type { ConfigChanges } from '../../api.ts';
import { escapeText } from '../../oci/reference.ts';
import type { LayerBlueprint } from '../blueprint.ts';
import type { Complaints } from './complaints.ts';
import type { Dockerfile } from './dockerfile.ts';
import type { EvaluatedStage } from './evaluateStage.ts';

/** Complains where platforms come to different bases or configs: a blueprint has one for all. */
export function complainOfDifferences(
  { stages }: Dockerfile,
  evaluated: readonly EvaluatedStage[],
  complaints: Complaints,
): void {
  const place = stages.at(-1)?.place ?? { line: 1, column: 1 };
  const differs = (what: string): void => {
    complaints.add(place, `${what} differs between the platforms: build one platform at a time.`);
  };
  const bases = new Set(evaluated.map(({ base }) => base));
  if (bases.size > 1) differs(`its base (${[...bases].map(escapeText).join(', ')})`);
  const [first, ...others] = evaluated.map(({ state }) => membersOf(state.config));
  for (const other of others) {
    for (const name of new Set([...(first?.keys() ?? []), ...other.keys()])) {
      if (first?.get(name) !== other.get(name)) differs(`its config (${name})`);
    }
  }
  if (new Set(evaluated.map(({ platform }) => platform)).size < evaluated.length) {
    complaints.add(place, 'FROM names one platform, so it can be built for that alone: choose one platform.');
  }
}

function membersOf(config: ConfigChanges): ReadonlyMap<string, string> {
  return new Map(Object.entries(config).map(([name, value]) => [name, JSON.stringify(value)]));
}

/** Layers that are the same for all platforms, or else one for each. */
export function layersOf(evaluated: readonly EvaluatedStage[]): readonly LayerBlueprint[] {
  const most = Math.max(0, ...evaluated.map(({ state }) => state.layers.length));
  return Array.from({ length: most }, (_, at) => layersAt(evaluated, at)).flat();
}

function layersAt(evaluated: readonly EvaluatedStage[], at: number): readonly LayerBlueprint[] {
  const each = evaluated.flatMap(({ platform, state }) => {
    const layer = state.layers[at];
    return layer === undefined ? [] : [{ platform, layer }];
  });
  const [first] = each;
  if (first === undefined) return [];
  const isSame = each.length === evaluated.length && each.every(({ layer }) => layer.key === first.layer.key);
  const { name, files } = first.layer;
  return isSame
    ? [{ name, files }]
    : each.map(({ platform, layer }) => ({ name: layer.name, files: layer.files, platform }));
}
