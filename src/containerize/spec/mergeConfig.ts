import type { ConfigChanges } from '../../api.ts';

/**
 * The changes of a recipe with those of a spec over them: names of env and labels are replaced, ports, volumes and folders of PATH added,
 * everything else is the spec's where it says something. The cmd of a recipe goes with its entrypoint.
 */
export function mergeConfig(recipe: ConfigChanges, spec: ConfigChanges): ConfigChanges {
  const { cmd, ...withoutCmd } = recipe;
  const kept = cmd === undefined || spec.entrypoint !== undefined ? withoutCmd : recipe;
  const labels = { ...recipe.labels, ...spec.labels };
  const ports = distinct(recipe.ports, spec.ports);
  const volumes = distinct(recipe.volumes, spec.volumes);
  const path = distinct(recipe.path, spec.path);
  const env = mergeEnv(recipe.env, spec.env);
  return {
    ...kept,
    ...spec,
    ...(env.length === 0 ? {} : { env }),
    ...(path.length === 0 ? {} : { path }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(ports.length === 0 ? {} : { ports }),
    ...(volumes.length === 0 ? {} : { volumes }),
  };
}

function mergeEnv(recipe: readonly string[] = [], spec: readonly string[] = []): readonly string[] {
  const merged = new Map<string, string>();
  for (const entry of [...recipe, ...spec]) merged.set(entry.slice(0, entry.indexOf('=')), entry);
  return [...merged.values()];
}

function distinct(first: readonly string[] = [], second: readonly string[] = []): readonly string[] {
  return [...new Set([...first, ...second])];
}
